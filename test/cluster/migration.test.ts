import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { buildImage, type Image } from './images.ts';
import { kubectl, list, readyGateways } from './kubectl.ts';
import { send, startLoad } from './load.ts';
import { poll } from './poll.ts';

type Job = {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: { readonly completionTime?: string; readonly failed?: number };
};

type Timed = {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly lastTransitionTime: string }[] };
};

const BROKEN = '-- Phase: expand\n\n-- Up Migration\n\nALTER TABLE orders ADD COLUMN half text;\nSELECT nonsense;\n';

describeOnCluster('the migration of a release', () => {
  const environment = new Environment();
  const { namespace } = environment;
  const jobs = () => list<Job>(namespace, 'jobs', 'app.kubernetes.io/name=migration');
  let sound: Image;
  let broken: Image;

  beforeAll(async () => {
    sound = buildImage('ccccccc');
    broken = buildImage('ddddddd', (context) =>
      writeFileSync(join(context, 'service/store/migrations/9999_broken.sql'), BROKEN),
    );
    await environment.install(sound);
  });
  afterAll(() => environment.remove());

  test('is complete before a gateway is Ready', async () => {
    const gateways = await list<Timed>(namespace, 'pods', 'app.kubernetes.io/name=gateway');

    // That a Job is complete is known a moment after it is.
    await poll(30_000, async () =>
      expect((await jobs()).map(({ status }) => status.completionTime)).toEqual([expect.any(String)]),
    );
    const ready = gateways.map(({ status }) => status.conditions.find(({ type }) => type === 'Ready'));
    expect(ready.length).toBeGreaterThanOrEqual(2);
    // By the database's own record, and in whole seconds, as pods have it.
    const last = Number(await environment.sql('SELECT floor(extract(epoch FROM max(run_on))) FROM migrations')) * 1000;
    expect(last).toBeGreaterThan(0);
    for (const condition of ready) expect(Date.parse(condition?.lastTransitionTime ?? '')).toBeGreaterThanOrEqual(last);
    const log = await kubectl(namespace, ['logs', '--selector=app.kubernetes.io/name=gateway', '--tail=-1']);
    expect(log).toContain('the schema has all that this version needs');
  });

  test('is not made again when the same release is applied again', async () => {
    const before = await jobs();

    await environment.apply(sound);

    expect((await jobs()).map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
  });

  test('that fails leaves the old version serving, and the schema as it was', async () => {
    const before = (await readyGateways(namespace)).map(({ metadata }) => metadata.name);
    const load = startLoad({
      perSecond: 10,
      next: () => ({ url: `${environment.origin}/health` }),
      isCorrect: ({ status }) => status === 200,
    });

    await environment.apply(broken);
    await poll(180_000, async () => {
      expect((await jobs()).some(({ status }) => (status.failed ?? 0) > 0)).toBe(true);
      const log = await kubectl(namespace, ['logs', '--selector=app.kubernetes.io/name=gateway', '--tail=-1']);
      expect(log).toContain('waits until the schema has 9999_broken');
    });

    expect((await readyGateways(namespace)).map(({ metadata }) => metadata.name)).toEqual(before);
    const failed = (await jobs()).find(({ status }) => (status.failed ?? 0) > 0);
    const words = await kubectl(namespace, ['logs', `--selector=job-name=${failed?.metadata.name}`, '--tail=-1']);
    expect(words).toContain('column \\"nonsense\\" does not exist');
    expect(await environment.sql(`SELECT column_name FROM information_schema.columns WHERE column_name = 'half'`)).toBe(
      '',
    );

    await environment.apply(sound);
    await environment.allReady();
    expect((await send(`${environment.origin}/health`)).status).toBe(200);
    const { sent, lost } = await load.stop();
    expect([sent > 20, lost.slice(0, 5)]).toEqual([true, []]);
  });
});
