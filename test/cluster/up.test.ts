import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LiveObject } from '../../alerts/rollback/cluster/live-object.ts';
import { templateEntries } from '../../alerts/rollback/cluster/managed-fields.ts';
import { deployDown } from '../../infra/cli/deploy/destroy.ts';
import { nameDrift } from '../../infra/cli/deploy/refresh.ts';
import { deployUp } from '../../infra/cli/deploy/up.ts';
import { findRelease } from '../../infra/cluster/index.ts';
import { buildImage, NODE_IMAGES, type Image } from './images.ts';
import { Deploys, type Beside, type Ended } from './deploys.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { kubectl, list, readyGateways } from './kubectl.ts';

const NAMESPACE = `sluice-test-${randomBytes(4).toString('hex')}`;
const BROKEN = `image.digest=sha256:${'0'.repeat(64)}`;
const TOLD_MS = 60_000;

describeOnCluster('sluice up and destroy, with a stand-in for the Pulumi program', () => {
  let deploys: Deploys;
  let image: Image;

  beforeAll(async () => {
    deploys = await Deploys.start('dev');
    image = buildImage('cccccccccccc');
  });
  afterAll(async () => {
    deploys.remove();
    await kubectl(NAMESPACE, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']);
  });

  test('what was broken off in the middle is gone on with by the next run, which serves', async () => {
    const broken = up([], {
      onProgress: (line, desk) => {
        if (line.includes('created Namespace')) desk.breakOff();
      },
    });
    await expect(broken).rejects.toMatchObject({
      name: 'AbortedError',
      message: 'broken off; what is done stays; the next run of this goes on from there',
    });
    expect(await kubectl(NAMESPACE, ['get', 'deployments', '--output=name'])).toBe('');

    const run = await up();
    expect(run).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\d stays? as before\n[^]*\ndev is Ready in the /),
    });
    await expectAnswer();
  });

  test('a second run changes nothing', async () => {
    const before = await podNames();
    const second = await up();
    expect(second.code).toBe(0);
    expect(second.out).toMatch(/^dev is as it should be: nothing to change\ndev is Ready/);
    expect(await podNames()).toEqual(before);
  });

  test('what somebody changed by hand is named by field and hand', async () => {
    const patch = JSON.stringify({ spec: { revisionHistoryLimit: 3 } });
    await kubectl(NAMESPACE, ['patch', 'deployment', 'upstream', '--field-manager=ada', '--patch', patch]);
    const drift = await deploys.run(nameDrift, { env: 'dev', set: values() });
    expect(drift.code).toBe(1);
    expect(drift.out).toMatch(/Deployment upstream spec\.revisionHistoryLimit: is 3, must be .*; set by ada at /);
  });

  test('an image that cannot be pulled is told in seconds, and the version before still serves', async () => {
    let began = Number.POSITIVE_INFINITY;
    const run = await up([BROKEN], {
      onProgress(line) {
        if (line.includes('changed Deployment gateway')) began = performance.now();
      },
    });
    expect(run.code).toBe(1);
    expect(run.err).toMatch(
      /error: dev is stuck: Deployment \w+: pod \S+: its image .*\n\d pods? of the version before/,
    );
    expect(performance.now() - began).toBeLessThan(TOLD_MS);
    await expectAnswer();
  });

  test('a release that somebody takes back meanwhile is told, with who did', async () => {
    let undone: Promise<unknown> | undefined;
    const run = await up(['gateway.requestTimeout=59s'], {
      onProgress(line) {
        if (!/Deployment gateway: \d of/.test(line)) return;
        undone ??= kubectl(NAMESPACE, ['rollout', 'undo', 'deployment/gateway', '--to-revision=1']);
      },
    });
    await undone;
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/error: dev is withdrawn: Deployment gateway no longer has the template .* by kubectl/);
    await expectAnswer();
  });

  test('a release that the guard took back comes again by up of the same definition, or another one does', async () => {
    const kept = ['gateway.requestTimeout=58s'];
    expect(await up(kept)).toMatchObject({ code: 0 });
    const deployed = releaseOf(await gateway());
    await takeBack();
    expect(releaseOf(await gateway())).not.toBe(deployed);

    const again = await up(kept);
    expect(again.err).toMatch(
      /sluice-guard changed the pods of the gateway at \S+, past Pulumi: it looks at what runs/,
    );
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ {2}changes Deployment gateway$[^]*is Ready/m),
    });
    expect(releaseOf(await gateway())).toBe(deployed);
    expect(ownersOf(await gateway())).not.toContain('sluice-guard');

    const unmoved = await up(kept);
    expect(unmoved.out).toMatch(/^dev is as it should be: nothing to change\n/);
    expect(unmoved.err).not.toContain('past Pulumi');

    await takeBack();
    expect(await up(['gateway.requestTimeout=57s'])).toMatchObject({ code: 0 });
    expect(ownersOf(await gateway())).not.toContain('sluice-guard');
    await expectAnswer();
  });

  test('destroy asks for the name first, and then removes everything', async () => {
    expect(await destroy('yes')).toMatchObject({ code: 3 });
    expect((await readyGateways(NAMESPACE)).length).toBeGreaterThan(0);
    expect(await destroy('dev')).toMatchObject({ code: 0, out: expect.stringMatching(/dev is gone\n$/) });
    expect(await kubectl(NAMESPACE, ['get', 'namespace', NAMESPACE, '--ignore-not-found'])).toBe('');
  });

  test('nothing of what was told is a secret', () => {
    expect(deploys.everything()).toContain('Secret redis');
    expect(deploys.everything()).not.toMatch(/(red|post)-secret/);
  });

  function values(set: readonly string[] = []): readonly string[] {
    const { repository, digest } = image;
    return [
      `namespace=${NAMESPACE}`,
      `image.repository=${repository}`,
      `image.digest=${digest}`,
      ...NODE_IMAGES,
      // Nobody but these tests moves the gateway.
      'release.guard.mode=off',
      ...set,
    ];
  }

  function up(set: readonly string[] = [], beside: Beside = {}): Promise<Ended> {
    return deploys.run(deployUp, { env: 'dev', set: values(set) }, beside);
  }

  function destroy(answer: string): Promise<Ended> {
    return deploys.run(deployDown, { env: 'dev', set: values() }, { answer });
  }

  /** Sets the oldest template whose image can be pulled, as the guard does, and waits for its pods. */
  async function takeBack(): Promise<void> {
    type ReplicaSet = {
      metadata: { annotations: Record<string, string> };
      spec: { template: { metadata: { labels: Record<string, string> }; spec: object } };
    };
    const { digest } = image;
    const sets = await list<ReplicaSet>(NAMESPACE, 'replicasets', 'app.kubernetes.io/instance=gateway');
    const revision = ({ metadata }: ReplicaSet): number =>
      Number(metadata.annotations['deployment.kubernetes.io/revision']);
    const [first] = sets
      .filter(({ spec }) => JSON.stringify(spec.template.spec).includes(digest))
      .toSorted((a, b) => revision(a) - revision(b));
    const { 'pod-template-hash': _, ...labels } = first?.spec.template.metadata.labels ?? {};
    const value = { ...first?.spec.template, metadata: { ...first?.spec.template.metadata, labels } };
    const patch = JSON.stringify([{ op: 'replace', path: '/spec/template', value }]);
    const as = ['--field-manager=sluice-guard', '--type=json', '--patch', patch];
    await kubectl(NAMESPACE, ['patch', 'deployment', 'gateway', ...as]);
    await kubectl(NAMESPACE, ['rollout', 'status', 'deployment/gateway', '--timeout=120s']);
  }

  async function gateway(): Promise<LiveObject> {
    const args = ['get', 'deployment', 'gateway', '--output=json', '--show-managed-fields'];
    return JSON.parse(await kubectl(NAMESPACE, args)) as LiveObject;
  }

  async function podNames(): Promise<readonly string[]> {
    return (await readyGateways(NAMESPACE)).map(({ metadata }) => metadata.name).sort();
  }

  /** By way of the API server, which reaches every pod. */
  async function expectAnswer(): Promise<void> {
    const path = `/api/v1/namespaces/${NAMESPACE}/services/gateway:http/proxy/v1/search?q=blue`;
    expect(JSON.parse(await kubectl(NAMESPACE, ['get', '--raw', path]))).toHaveProperty('results');
  }
});

function releaseOf(gateway: LiveObject): string | undefined {
  return findRelease(gateway)?.id;
}

/** Who has set parts of the template of the gateway that are still as they set them. */
function ownersOf(gateway: LiveObject): readonly (string | undefined)[] {
  return templateEntries(gateway).map(({ manager }) => manager);
}
