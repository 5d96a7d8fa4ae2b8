import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toMilliseconds, definition } from '../../service/definition/index.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { evict } from './evict.ts';
import { buildImage } from './images.ts';
import { kubectl, list, readyGateways, type Pod } from './kubectl.ts';
import { send, startLoad, type LoadResult } from './load.ts';
import { poll } from './poll.ts';

const REQUESTS_PER_SECOND = 20;
// Each key may search 30 times a minute; every second request is a search.
const KEYS = 60;
/** Stops every child of the first process of a container. */
const STOP_WORKERS = `
  const { readdirSync, readFileSync } = require('node:fs');
  for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
    const status = readFileSync('/proc/' + pid + '/status', 'utf8');
    if (/^PPid:\\t1$/m.test(status) && Number(pid) !== process.pid) process.kill(Number(pid), 'SIGSTOP');
  }
`;

describeOnCluster('under steady load nothing is lost when', () => {
  const environment = new Environment({
    values: [
      ...['scaling.scaleDownAfter=15s', 'scaling.max=4'],
      // The load is to meet the processor, not a limit.
      ...['limits.key=100000/min', 'routes.search.limit=100000/min'],
      ...['limits.global.bucket.capacity=100000', 'limits.global.bucket.refill=10000/s'],
    ],
  });
  const { namespace } = environment;
  let keys: readonly string[] = [];

  beforeAll(async () => {
    await environment.install(buildImage('ccccccc'));
    keys = await environment.addKeys(KEYS);
  });
  afterAll(() => environment.remove());

  /** Sends requests while something happens, and a while longer. */
  async function during(what: string, disturb: () => Promise<void>): Promise<LoadResult> {
    const load = startLoad({
      perSecond: REQUESTS_PER_SECOND,
      next: (n) => {
        if (n % 2 === 0) return { url: `${environment.origin}/health` };
        const question = `${what.replaceAll(' ', '-')}-${Math.floor(n / REQUESTS_PER_SECOND)}`;
        const headers = { authorization: `Bearer ${keys[Math.floor(n / 2) % keys.length] ?? ''}` };
        return { url: `${environment.origin}/v1/search?q=${question}`, options: { headers } };
      },
      isCorrect: ({ status }) => status === 200,
    });
    await disturb();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const result = await load.stop();
    const { sent, rawFailures, lost } = result;
    process.stderr.write(`${what}: ${sent} requests, ${rawFailures.length} failed once, ${lost.length} lost\n`);
    for (const failure of rawFailures.slice(0, 3)) process.stderr.write(`${what}: failed once: ${failure}\n`);
    return result;
  }

  async function names(): Promise<string[]> {
    return (await readyGateways(namespace)).map(({ metadata }) => metadata.name);
  }

  async function gone(pod: string): Promise<void> {
    const pods = await list<Pod>(namespace, 'pods', 'app.kubernetes.io/name=gateway');
    expect(pods.map(({ metadata }) => metadata.name)).not.toContain(pod);
  }

  test('the load rises and falls: pods are added, and taken away again', async () => {
    const { min } = definition.dev.scaling;
    const peak = startLoad({
      perSecond: 150,
      // Every question is a new one: it takes the whole way to the upstream.
      next: (n) => ({
        url: `${environment.origin}/v1/search?q=rise-${n}`,
        options: { headers: { authorization: `Bearer ${keys[0] ?? ''}` } },
      }),
      isCorrect: ({ status }) => status === 200,
    });
    let result: LoadResult;
    try {
      await poll(150_000, async () => expect((await names()).length).toBeGreaterThan(min));
    } finally {
      result = await peak.stop();
    }
    const { sent, lost } = result;
    process.stderr.write(`scale up: ${sent} requests, ${lost.length} lost\n`);
    expect(lost.slice(0, 5)).toEqual([]);

    const down = await during('scale down', () =>
      poll(240_000, async () =>
        expect((await list<Pod>(namespace, 'pods', 'app.kubernetes.io/name=gateway')).length).toBe(min),
      ),
    );
    expect(down.lost.slice(0, 5)).toEqual([]);
  });

  test('every pod is evicted, one at a time, as the disruption budget has it', async () => {
    const before = await names();
    let refusals = 0;
    const asked = new Map<string, number>();
    const took = new Map<string, number>();
    const { lost } = await during('eviction', async () => {
      for (const pod of before) {
        await poll(120_000, async () => {
          const answer = await evict(namespace, pod);
          if (answer === 'refused') refusals++;
          expect(answer).toBe('evicted');
        });
        asked.set(pod, Date.now());
        // At once the next: the budget has to say no until the first has been replaced.
      }
      await poll(180_000, async () => {
        for (const pod of before) {
          await gone(pod);
          if (!took.has(pod)) took.set(pod, Date.now() - (asked.get(pod) ?? 0));
        }
        expect((await names()).length).toBeGreaterThanOrEqual(before.length);
      });
    });
    expect(refusals).toBeGreaterThan(0);
    const { drainDelay, terminationGrace } = definition.dev.gateway;
    for (const ms of took.values()) {
      expect(ms).toBeGreaterThan(toMilliseconds(drainDelay));
      expect(ms).toBeLessThan(toMilliseconds(terminationGrace));
    }
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test('a pod is killed without a word', async () => {
    const [pod = ''] = await names();
    const { lost } = await during('kill', async () => {
      await kubectl(namespace, ['delete', 'pod', pod, '--grace-period=0', '--force']);
      await poll(120_000, async () => expect((await names()).length).toBeGreaterThanOrEqual(2));
    });
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test('a pod stands still: it is asked nothing any more, and its worker is replaced', async () => {
    const [pod = ''] = await names();
    const { lost } = await during('standstill', async () => {
      await kubectl(namespace, ['exec', pod, '--', 'node', '-e', STOP_WORKERS]);
      await poll(60_000, async () => expect(await names()).not.toContain(pod));
      // The same pod: what stands still is a worker, and its primary replaces it.
      await poll(60_000, async () => expect(await names()).toContain(pod));
    });
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test.each(['redis', 'redis-cache'])('Redis starts anew (%s)', async (store) => {
    const { lost } = await during(store, () => restart(store));
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test('Postgres starts anew: what needs it says so, and no write is half done', async () => {
    const [key = ''] = await environment.addKeys(1);
    const order = (n: number) =>
      send(`${environment.origin}/create-order`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': `restart-${n}` },
        body: { item: `gate ${n}`, quantity: 1 },
      });
    const acknowledged: number[] = [];
    const refused: number[] = [];
    const over = new AbortController();
    const orders = (async () => {
      for (let n = 0; !over.signal.aborted; n++) {
        const reply = await order(n).catch(() => undefined);
        if (reply?.status === 201) acknowledged.push(n);
        else {
          refused.push(n);
          if (reply) expect([429, 503, 504]).toContain(reply.status);
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    })();
    const { lost } = await during('postgres', () => restart('postgres'));
    // It is back when orders are taken again.
    await poll(30_000, () => {
      expect(acknowledged.length).toBeGreaterThan(5);
      return Promise.resolve();
    });
    over.abort();
    await orders;
    // A key that no pod has seen yet is in the database alone.
    expect(lost.filter((failure) => !failure.includes('"code":"store-unavailable"')).slice(0, 5)).toEqual([]);
    const rows = (await environment.sql("SELECT item FROM orders WHERE item LIKE 'gate %'")).trim().split('\n');
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows).toEqual(expect.arrayContaining(acknowledged.map((n) => `gate ${n}`)));
    process.stderr.write(`postgres: ${acknowledged.length} orders acknowledged, ${refused.length} refused\n`);
  });

  async function restart(store: string): Promise<void> {
    await kubectl(namespace, ['rollout', 'restart', `statefulset/${store}`]);
    await kubectl(namespace, ['rollout', 'status', `statefulset/${store}`, '--timeout=180s']);
  }
});
