import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { definition, REDIS_ROLES, toMilliseconds } from '../../service/definition/index.ts';
import { GATEWAY_JOB, METRICS, select } from '../../service/telemetry/catalogue.ts';
import { parseQuantity } from '../../alerts/rollback/cluster/quantity.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { buildImage, type Image } from './images.ts';
import { kubectl, list, readyGateways, type Pod } from './kubectl.ts';
import { send, startLoad } from './load.ts';
import { poll } from './poll.ts';
import { StoresOfOthers } from './stores-of-others.ts';

const REQUESTS_PER_SECOND = 10;
const KEYS = 20;

/** What prod has that this cluster has not, and what stands in for it; all the rest is prod's. */
const VALUES = [
  ...['stores.redis.kind=external', 'datastores.postgres.kind=external', 'datastores.postgres.externalTls=url'],
  ...['monitoring.kind=standalone', 'ingress.kind=none'],
  ...['upstream.deploy=true', 'upstream.origin=http://upstream:8081'],
  // No registry has the image, and two cores are all that there is.
  ...['image.pullPolicy=IfNotPresent', 'gateway.cpuRequest=200m'],
  // A pod with a priority pushes out those without: here it would be those of others who use the cluster too.
  'priorityClass=none',
];

type Quota = {
  readonly metadata: { readonly name: string };
  readonly status: { readonly hard: Readonly<Record<string, string>>; readonly used: Readonly<Record<string, string>> };
};

type Autoscaler = {
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly currentMetrics?: readonly { readonly resource?: { readonly current: { averageUtilization?: number } } }[];
  };
};

describeOnCluster('an environment as prod is, with stores of others', () => {
  const stores = new StoresOfOthers();
  const environment = new Environment({
    base: 'prod',
    values: VALUES,
    secrets: stores.secrets,
    postgres: stores.postgres,
  });
  const { namespace } = environment;
  let keys: readonly string[] = [];
  let second: Image;

  beforeAll(async () => {
    const first = buildImage('ababab1');
    second = buildImage('ababab2');
    await stores.install();
    await environment.install(first);
    keys = await environment.addKeys(KEYS);
  });
  afterAll(async () => {
    await environment.remove();
    await stores.remove();
  });

  test('is Ready under the restricted profile, and runs no store of its own', async () => {
    const profile = '--output=jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}';
    const pods = await list<Pod & { spec: { containers: { name: string }[] } }>(namespace, 'pods');
    const running = pods.filter(({ status: { phase } }) => phase === 'Running');

    expect(await kubectl(namespace, ['get', 'namespace', namespace, profile])).toBe('restricted');
    expect((await readyGateways(namespace)).length).toBeGreaterThanOrEqual(definition.prod.scaling.min);
    expect([...new Set(running.flatMap(({ spec }) => spec.containers.map(({ name }) => name)))].sort()).toEqual([
      ...['alertmanager', 'gateway', 'prometheus', 'upstream'],
    ]);
    expect(await list(namespace, 'statefulsets,cronjobs')).toEqual([]);
  });

  test('takes an order into the Postgres of others', async () => {
    const headers = { authorization: `Bearer ${keys[0] ?? ''}`, 'idempotency-key': 'prod-like-1' };
    const body = { item: 'sluice gate', quantity: 2 };
    const created = await send(`${environment.origin}/create-order`, { method: 'POST', headers, body });

    expect([created.status, created.body]).toEqual([201, expect.any(String)]);
    expect(await environment.sql('SELECT item FROM orders')).toBe('sluice gate\n');
  });

  test('answers a search from the cache, and caches and counts in the Redis of others', async () => {
    const search = () =>
      send(`${environment.origin}/v1/search?q=prod+like`, { headers: { authorization: `Bearer ${keys[0] ?? ''}` } });
    const first = await search();

    expect([first.status, first.headers['x-cache']]).toEqual([200, 'MISS']);
    // Another pod may be asked before the answer has come to Redis.
    await poll(10_000, async () => {
      const { status, headers, body } = await search();
      expect([status, headers['x-cache'], body]).toEqual([200, 'HIT', first.body]);
      for (const role of REDIS_ROLES) expect(await stores.keys(role)).toBeGreaterThan(0);
    });
  });

  test('stays within its quotas, each of which counts', async () => {
    const quotas = await poll(30_000, async () => {
      const found = await list<Quota>(namespace, 'resourcequotas');
      for (const { status } of found) expect(status).toMatchObject({ used: { pods: expect.any(String) } });
      return found;
    });

    expect(quotas.map(({ metadata }) => metadata.name).sort()).toEqual(['environment', 'jobs']);
    const [whole] = quotas.filter(({ metadata }) => metadata.name === 'environment');
    expect(Number(whole?.status.used.pods)).toBeGreaterThanOrEqual(5);
    const exceeded = quotas.flatMap(({ status: { hard, used } }) =>
      Object.keys(hard).filter((resource) => parseQuantity(used[resource] ?? '') > parseQuantity(hard[resource] ?? '')),
    );
    expect(exceeded).toEqual([]);
  });

  test('is watched: its Prometheus reaches every gateway', async () => {
    await poll(60_000, async () => {
      const up = await environment.query(select(METRICS.up, { job: GATEWAY_JOB, namespace }));
      const reached = up.filter(({ value }) => value[1] === '1').map(({ metric }) => metric.pod);
      const addresses = (await readyGateways(namespace)).map(({ status }) => status.podIP);
      expect(addresses.length).toBeGreaterThanOrEqual(2);
      expect(reached).toEqual(expect.arrayContaining(addresses));
    });
  });

  test('rolls to another image under light load, and loses no request', async () => {
    const before = (await readyGateways(namespace)).map(({ metadata }) => metadata.name);
    const load = startLoad({
      perSecond: REQUESTS_PER_SECOND,
      next: (n) => {
        if (n % 2 === 0) return { url: `${environment.origin}/health` };
        const headers = { authorization: `Bearer ${keys[Math.floor(n / 2) % keys.length] ?? ''}` };
        const question = `roll+${Math.floor(n / REQUESTS_PER_SECOND)}`;
        return { url: `${environment.origin}/v1/search?q=${question}`, options: { headers } };
      },
      isCorrect: ({ status }) => status === 200,
    });

    const startedAt = performance.now();
    await environment.apply(second);
    await kubectl(namespace, ['rollout', 'status', 'deployment/gateway', '--timeout=300s']);
    const tookMs = performance.now() - startedAt;
    await poll(180_000, async () => {
      const pods = await list<Pod>(namespace, 'pods', 'app.kubernetes.io/name=gateway');
      for (const { metadata } of pods) expect(before).not.toContain(metadata.name);
    });
    const { sent, rawFailures, lost } = await load.stop();

    process.stderr.write(`prod-like roll: ${sent} requests, ${rawFailures.length} failed once, ${lost.length} lost\n`);
    for (const failure of rawFailures.slice(0, 5)) process.stderr.write(`roll: failed once: ${failure}\n`);
    // Each pod is looked at for a while before the next is replaced.
    expect(tookMs).toBeGreaterThan(2 * toMilliseconds(definition.prod.rollout.minReady));
    expect(sent).toBeGreaterThan(10 * REQUESTS_PER_SECOND);
    expect(lost.slice(0, 5)).toEqual([]);
  });

  // Last, because the first figures take a while to come.
  test('has figures to scale by', async () => {
    const { min, max } = definition.prod.scaling;
    await poll(90_000, async () => {
      const [autoscaler] = await list<Autoscaler>(namespace, 'horizontalpodautoscalers');
      expect(autoscaler?.spec).toMatchObject({ minReplicas: min, maxReplicas: max });
      expect(autoscaler?.status.conditions).toContainEqual(
        expect.objectContaining({ type: 'ScalingActive', status: 'True' }),
      );
      expect(autoscaler?.status.currentMetrics?.[0]?.resource?.current.averageUtilization).toEqual(expect.any(Number));
    });
  });
});
