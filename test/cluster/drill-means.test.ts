import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { podsOf, isReady } from '../../chaos/drill/cluster/faults/pods.ts';
import { PROXY_OF_LABEL, SELECTOR_ANNOTATION } from '../../chaos/drill/cluster/names.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { DrilledPlace } from './drilled-place.ts';
import { buildImage } from './images.ts';
import { poll } from './poll.ts';
import { GOOD_CONFIGURATION, REDIS_PASSWORD } from './plain-workloads.ts';

const FROZEN = { kind: 'proxy', on: 'redis', fault: { kind: 'black-hole' } } as const;

describeOnCluster('faults by the means of Kubernetes', () => {
  const drilled = new DrilledPlace();
  const { place } = drilled;

  beforeAll(async () => {
    await drilled.install(buildImage('d811000'));
  }, 300_000);
  afterAll(() => drilled.remove());
  beforeEach(async () => {
    await drilled.clear();
    await drilled.startKeeper();
    await drilled.beginRunner();
  });
  afterEach(async () => {
    drilled.killRunner();
    await drilled.stop().catch(() => undefined);
    await drilled.endKeeper('SIGKILL');
    await expectNothingLeft();
  });

  /** Everything is as it was installed. */
  async function expectNothingLeft(): Promise<void> {
    await poll(60_000, async () => {
      for (const name of ['redis', 'upstream']) {
        const { metadata, spec } = await place.require('Service', name);
        expect((spec as { selector: object }).selector).toEqual({
          'app.kubernetes.io/name': name,
          'app.kubernetes.io/instance': name,
        });
        expect(metadata.annotations?.[SELECTOR_ANNOTATION]).toBeUndefined();
      }
      const made = await place.list('Pod', { 'app.kubernetes.io/component': 'drill-proxy' });
      expect(made.map(({ metadata }) => metadata.name)).toEqual([]);
      expect((await place.list('Service')).map(({ metadata }) => metadata.name)).toEqual(['redis', 'upstream']);
      expect(await replicas('redis')).toBe(1);
      expect(await replicas('upstream')).toBe(1);
      expect(await configuration()).toBe(GOOD_CONFIGURATION);
    });
  }

  async function replicas(name: string): Promise<number> {
    return ((await place.require('Deployment', name)).spec as { replicas: number }).replicas;
  }

  async function configuration(): Promise<string | undefined> {
    const { spec } = await place.require('Deployment', 'gateway');
    const { template } = spec as { template: { spec: { volumes: { configMap?: { name: string } }[] } } };
    return template.spec.volumes[0]?.configMap?.name;
  }

  async function address(name: string): Promise<string> {
    return ((await place.require('Service', name)).spec as { clusterIP: string }).clusterIP;
  }

  /** Whether the Redis behind the Service answers a PING, over a connection of its own. */
  async function pings(): Promise<boolean> {
    const socket = await redisConnection();
    try {
      return await answers(socket);
    } finally {
      socket.destroy();
    }
  }

  async function redisConnection(): Promise<Socket> {
    const socket = connect({ host: await address('redis'), port: 6379 });
    socket.on('error', () => undefined);
    return socket;
  }

  test('a pod is killed, its workload makes another, and nothing is to be put back', async () => {
    const before = (await podsOf(place, 'gateway')).map(({ metadata }) => metadata.name);
    const id = await drilled.inject({ kind: 'kill-pod', component: 'gateway' });

    expect(await drilled.done(id)).toMatchObject({ state: 'injected', undo: [] });
    await poll(30_000, async () => {
      const pods = (await podsOf(place, 'gateway')).filter(isReady).map(({ metadata }) => metadata.name);
      expect(pods).toHaveLength(2);
      expect(pods.filter((name) => before.includes(name))).toHaveLength(1);
    });
    await drilled.drop(id);
    await poll(10_000, async () => expect(await drilled.done(id)).toBeUndefined());
  }, 120_000);

  test('the pods of a node are evicted one after the other, as the disruption budget allows', async () => {
    const before = (await podsOf(place, 'gateway')).map(({ metadata }) => metadata.name);
    await drilled.inject({ kind: 'evict-pods', component: 'gateway' });

    const after = (await podsOf(place, 'gateway')).map(({ metadata }) => metadata.name);
    expect(after.filter((name) => before.includes(name))).toEqual([]);
  }, 180_000);

  test('what is connected already goes through the proxy too, and all goes on when the fault is over', async () => {
    const kept = await redisConnection();
    expect(await answers(kept)).toBe(true);
    const id = await drilled.inject(FROZEN);

    expect(kept.destroyed || kept.readableEnded).toBe(true);
    expect(await pings()).toBe(false);
    const { spec, metadata } = await place.require('Service', 'redis');
    expect((spec as { selector: object }).selector).toMatchObject({ [PROXY_OF_LABEL]: 'redis' });
    expect(JSON.parse(metadata.annotations?.[SELECTOR_ANNOTATION] ?? '')).toEqual({
      'app.kubernetes.io/name': 'redis',
      'app.kubernetes.io/instance': 'redis',
    });
    await drilled.drop(id);
    await drilled.untilReverted();
    expect(await pings()).toBe(true);
  }, 180_000);

  test('an upstream answers late behind a proxy, and no request is lost on the way there and back', async () => {
    const url = `http://${await address('upstream')}:8090/v1/search?q=node`;
    const statuses: number[] = [];
    const over = new AbortController();
    const asking = (async () => {
      // Tried once more, as a gateway does when a connection ends.
      while (!over.signal.aborted) statuses.push(await status(url).catch(() => status(url).catch(() => 0)));
    })();
    const id = await drilled.inject({ kind: 'proxy', on: 'upstream', fault: { kind: 'latency', latency: '700ms' } });
    const began = performance.now();
    await fetch(url);
    expect(performance.now() - began).toBeGreaterThan(600);
    expect(await replicas('upstream')).toBe(2);
    await drilled.drop(id);
    await drilled.untilReverted();
    over.abort();
    await asking;
    expect(new Set(statuses)).toEqual(new Set([200]));
  }, 180_000);

  test('a component is scaled away and back; one that an autoscaler sizes is not touched', async () => {
    const id = await drilled.inject({ kind: 'scale-away', component: 'redis' });
    expect(await podsOf(place, 'redis')).toEqual([]);
    await drilled.drop(id);
    await drilled.untilReverted();
    expect(await replicas('redis')).toBe(1);
    await poll(30_000, async () => expect(await pings()).toBe(true));

    await drilled.clear();
    await drilled.beginRunner();
    await expect(drilled.inject({ kind: 'scale-away', component: 'gateway' })).rejects.toThrow(/autoscaler/);
    expect(await replicas('gateway')).toBe(2);
  }, 180_000);

  test('a bad release is another configuration of the same image, and is put back where no guard has', async () => {
    const id = await drilled.inject({ kind: 'bad-release', bad: 'errors' });
    const bad = await configuration();
    expect(bad).toMatch(/^gateway-config-[0-9a-f]{10}$/);
    expect(bad).not.toBe(GOOD_CONFIGURATION);
    const { data = {}, metadata, immutable } = await place.require('ConfigMap', bad ?? '');
    const { upstream } = JSON.parse((data as Record<string, string>)['service.json'] ?? '') as typeof drilled.service;
    expect(upstream.origin).toMatch(/^http:\/\/drill-proxy-release:\d+$/);
    expect([metadata.labels?.part, immutable]).toEqual(['release', true]);
    await drilled.drop(id);
    await drilled.untilReverted();
    expect(await configuration()).toBe(GOOD_CONFIGURATION);
  }, 180_000);

  test('a fault ends at its deadline, also while it is wanted still', async () => {
    const id = await drilled.inject(FROZEN, 15_000);
    await drilled.untilReverted(40_000);

    expect(await drilled.done(id)).toMatchObject({ state: 'over', why: 'its deadline is over' });
    expect(await pings()).toBe(true);
  }, 180_000);

  test('a fault ends when the runner gives no sign of life any more', async () => {
    const id = await drilled.inject(FROZEN);
    drilled.killRunner();
    await poll(60_000, async () => {
      const { journal } = await drilled.store.read();
      expect([journal.runner, journal.wanted]).toEqual([undefined, []]);
    });
    await drilled.untilReverted();

    // Nobody is there who would read how it ended.
    await poll(10_000, async () => expect(await drilled.done(id)).toBeUndefined());
    expect((await drilled.store.read()).journal.runs.aborted).toBe(1);
    expect(await pings()).toBe(true);
  }, 180_000);

  test('the kill switch takes a fault back at once, for whoever has the key alone', async () => {
    await drilled.inject(FROZEN);

    expect(await drilled.stop('f'.repeat(64))).toMatchObject({ status: 401 });
    expect(await pings()).toBe(false);
    expect(await drilled.stop()).toMatchObject({ status: 200 });
    expect(await pings()).toBe(true);
    // Until somebody begins another drill, nothing is injected any more.
    const id = await drilled.wish({ kind: 'scale-away', component: 'redis' });
    await expect(poll(4_000, async () => expect(await drilled.done(id)).toBeDefined())).rejects.toThrow();
    expect(await replicas('redis')).toBe(1);
  }, 180_000);

  test('a keeper that was killed takes a fault back when it is there again, and goes on with one that is wanted', async () => {
    const id = await drilled.inject(FROZEN);
    await drilled.endKeeper('SIGKILL');
    await drilled.startKeeper();
    await poll(20_000, async () => expect(await pings()).toBe(false));
    expect(await drilled.done(id)).toMatchObject({ state: 'injected' });
    await drilled.endKeeper('SIGKILL');
    await drilled.drop(id);
    await drilled.startKeeper();
    await drilled.untilReverted();

    expect(await pings()).toBe(true);
  }, 180_000);

  test('a keeper that was killed half-way takes back what it began', async () => {
    const id = await drilled.wish(FROZEN);
    await poll(30_000, async () => expect(await drilled.done(id)).toMatchObject({ state: 'injecting' }));
    await drilled.endKeeper('SIGKILL');
    await drilled.startKeeper();
    await poll(60_000, async () =>
      expect(await drilled.done(id)).toMatchObject({ state: 'over', failed: expect.stringContaining('half-way') }),
    );

    expect(await pings()).toBe(true);
  }, 180_000);

  test('a keeper that is told to go takes its fault back before', async () => {
    await drilled.inject(FROZEN);
    await drilled.endKeeper('SIGTERM');

    expect(await pings()).toBe(true);
  }, 180_000);

  test('a wish of a kind that nobody knows is refused, and what cannot be read is left alone', async () => {
    const patch = (journal: object) =>
      place.merge('ConfigMap', 'sluice-drill', { data: { journal: JSON.stringify(journal) } });
    const { journal } = await drilled.store.read();
    const wish = {
      id: 'wish-unknown',
      experiment: 'tested',
      fault: { kind: 'earthquake' },
      ttl: 60_000,
      requestedBy: 'a test',
    };
    await patch({ ...journal, wanted: [wish] });
    await poll(10_000, async () =>
      expect(await drilled.done('wish-unknown')).toMatchObject({
        state: 'over',
        failed: expect.stringContaining('knows'),
      }),
    );

    await patch({ ...journal, format: 2, wanted: [{ ...wish, fault: FROZEN }] });
    await poll(10_000, async () => expect(await drilled.ask('/readyz')).toMatchObject({ status: 503 }));
    expect(await pings()).toBe(true);
    await drilled.clear();
  }, 120_000);
});

async function status(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

const ANSWER_LIMIT_MS = 2_000;

/** Whether Redis answers over a connection, in time. */
function answers(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(false), ANSWER_LIMIT_MS);
    const onData = (text: Buffer): void => end(text.toString().includes('PONG') || text.toString().startsWith('+OK'));
    const end = (isAnswered: boolean): void => {
      clearTimeout(timer);
      socket.off('data', onData);
      resolve(isAnswered);
    };
    socket.on('data', onData);
    socket.once('close', () => end(false));
    socket.write(`AUTH ${REDIS_PASSWORD}\r\nPING\r\n`);
  });
}
