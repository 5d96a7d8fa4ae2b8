import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GATEWAY_JOB, METRICS, select } from '../../service/telemetry/catalogue.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { buildImage, type Image } from './images.ts';
import { kubectl, list, readyGateways, type Pod } from './kubectl.ts';
import { send, startLoad } from './load.ts';
import { poll } from './poll.ts';

const FIRST_COMMIT = 'aaaaaaa';
const SECOND_COMMIT = 'bbbbbbb';
const REQUESTS_PER_SECOND = 20;
// Each key may search 30 times a minute; every second request is a search.
const KEYS = 60;

describeOnCluster('the dev environment on a cluster', () => {
  const environment = new Environment();
  const { namespace } = environment;
  let second: Image;

  beforeAll(async () => {
    const first = buildImage(FIRST_COMMIT);
    second = buildImage(SECOND_COMMIT);
    await environment.install(first);
  });
  afterAll(() => environment.remove());

  test('runs every pod under the restricted profile', async () => {
    const [labels] = await list<{ metadata: { labels: Record<string, string> } }>(
      namespace,
      'namespaces',
      `kubernetes.io/metadata.name=${namespace}`,
    );
    const pods = await list<Pod>(namespace, 'pods');

    expect(labels?.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    expect(pods.length).toBeGreaterThanOrEqual(7);
  });

  test('the gateway is no superuser of Postgres, and who is one is let in from the pod alone', async () => {
    const query =
      "SELECT rolname, rolsuper, rolpassword IS NULL FROM pg_authid WHERE rolname IN ('postgres', 'sluice')";
    const psql = ['psql', '-U', 'postgres', '-d', 'sluice', '-qAtc', `${query} ORDER BY 1`];
    const roles = await kubectl(namespace, ['exec', 'postgres-0', '--', ...psql]);

    expect(roles).toBe('postgres|t|t\nsluice|f|f\n');
  });

  test('the image holds no development dependency', async () => {
    const modules = await kubectl(namespace, ['exec', 'deployment/gateway', '--', 'ls', '/app/node_modules']);

    expect(modules).toContain('pino\n');
    expect(modules).not.toMatch(/^(jest|cdk8s|typescript|@pulumi)$/m);
  });

  test('an answer that one pod fetched is served by another from Redis', async () => {
    const hits = async () => {
      const pods = (await readyGateways(namespace)).map(({ metadata }) => metadata.name);
      return Promise.all(pods.map(async (pod) => ({ pod, hits: hitsOf(await environment.metrics(pod)) })));
    };
    let question = 0;
    // Anew with another question, since a pod that has just started may not have reached Redis yet.
    await poll(60_000, async () => {
      const url = `${environment.origin}/v1/search?q=cluster+test+${question++}`;
      const before = await hits();
      const miss = await send(url);
      expect([miss.status, miss.headers['x-cache']]).toEqual([200, 'MISS']);

      const answers: unknown[] = [];
      // Every request has a connection of its own, which may go to any pod: both have served it once both counted a hit.
      await poll(20_000, async () => {
        answers.push((await send(url)).headers['x-cache']);
        const after = await hits();
        const served = after.filter(({ pod, hits: count }) => count > (before.find((b) => b.pod === pod)?.hits ?? 0));
        expect(served.length).toBeGreaterThanOrEqual(2);
      });
      expect(new Set(answers)).toEqual(new Set(['HIT']));
    });
  });

  test('the Prometheus of the environment reaches every gateway pod', async () => {
    await poll(60_000, async () => {
      const up = await environment.query(select(METRICS.up, { job: GATEWAY_JOB, namespace }));
      const reached = up.filter(({ value }) => value[1] === '1').map(({ metric }) => metric.pod);
      const addresses = (await readyGateways(namespace)).map(({ status }) => status.podIP);
      expect(reached).toEqual(expect.arrayContaining(addresses));
    });
  });

  test('an order outlives the pods that took it', async () => {
    const [key = ''] = await environment.addKeys(1);
    const headers = { authorization: `Bearer ${key}` };
    const created = await send(`${environment.origin}/create-order`, {
      method: 'POST',
      headers,
      body: { item: 'sluice gate', quantity: 2 },
    });
    expect([created.status, created.body]).toEqual([201, expect.any(String)]);
    const { id } = JSON.parse(created.body) as { id: string };

    await kubectl(namespace, ['delete', 'pods', '--selector=app.kubernetes.io/name=gateway', '--wait=true']);
    await environment.allReady();

    const read = await poll(15_000, async () => {
      const reply = await send(`${environment.origin}/orders/${id}`, { headers });
      expect([reply.status, reply.body]).toEqual([200, expect.any(String)]);
      return reply;
    });
    expect(JSON.parse(read.body)).toMatchObject({ id, item: 'sluice gate', quantity: 2 });
  });

  test('an order that was written before a backup is there after its restore into an empty Postgres', async () => {
    const [key = ''] = await environment.addKeys(1);
    const headers = { authorization: `Bearer ${key}` };
    const body = { item: 'penstock', quantity: 3 };
    const created = await send(`${environment.origin}/create-order`, { method: 'POST', headers, body });
    expect(created.status).toBe(201);
    const { id } = JSON.parse(created.body) as { id: string };
    await environment.runJob('postgres-backup');

    await environment.emptyPostgres();
    expect((await send(`${environment.origin}/orders/${id}`, { headers })).status).not.toBe(200);
    expect(await environment.runJob('postgres-restore')).toMatch(/\.dump is restored$/);

    const read = await poll(30_000, async () => {
      const reply = await send(`${environment.origin}/orders/${id}`, { headers });
      expect([reply.status, reply.body]).toEqual([200, expect.any(String)]);
      return reply;
    });
    expect(JSON.parse(read.body)).toMatchObject({ id, ...body });
    // What is in use is never overwritten.
    await expect(environment.runJob('postgres-restore')).rejects.toThrow('nothing was restored');
  });

  test('a roll to another image under steady load loses no request', async () => {
    const keys = await environment.addKeys(KEYS);
    const load = startLoad({
      perSecond: REQUESTS_PER_SECOND,
      next: (n) => {
        if (n % 2 === 0) return { url: `${environment.origin}/health` };
        // A new question every second, so that the way to the upstream is under load too.
        const question = `roll+${Math.floor(n / REQUESTS_PER_SECOND)}`;
        const headers = { authorization: `Bearer ${keys[Math.floor(n / 2) % keys.length] ?? ''}` };
        return { url: `${environment.origin}/v1/search?q=${question}`, options: { headers } };
      },
      isCorrect: ({ status }) => status === 200,
    });

    await environment.apply(second);
    await kubectl(namespace, ['rollout', 'status', 'deployment/gateway', '--timeout=300s']);
    // The last of the old pods finishes what it has begun.
    await poll(180_000, async () => {
      const pods = await list<Pod>(namespace, 'pods', 'app.kubernetes.io/name=gateway');
      expect(pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual([]);
    });
    const { sent, rawFailures, lost } = await load.stop();

    process.stderr.write(`roll: ${sent} requests, ${rawFailures.length} failed once, ${lost.length} lost\n`);
    for (const failure of rawFailures.slice(0, 5)) process.stderr.write(`roll: failed once: ${failure}\n`);
    const gateways = await readyGateways(namespace);
    const pages = await Promise.all(gateways.map(({ metadata }) => environment.metrics(metadata.name)));
    expect(pages.map(commitOf)).toEqual(gateways.map(() => SECOND_COMMIT));
    expect(sent).toBeGreaterThan(10 * REQUESTS_PER_SECOND);
    expect(lost.slice(0, 5)).toEqual([]);
  });
});

/** The commit that a pod says it was built from. */
function commitOf(page: string): string | undefined {
  return new RegExp(`^${METRICS.buildInfo.name}.*commit="(\\w+)"`, 'm').exec(page)?.[1];
}

/** Hits that a pod has counted. */
function hitsOf(page: string): number {
  const line = new RegExp(`^${METRICS.cacheLookups.name}\\{(?=[^}]*result="hit")[^}]*\\} (\\d+)$`, 'm');
  return Number(line.exec(page)?.[1] ?? NaN);
}
