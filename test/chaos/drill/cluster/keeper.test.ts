import { expect, test } from '@jest/globals';
import type { FaultContext } from '../../../../chaos/drill/cluster/faults/index.ts';
import { journalStore, type Journal, type Wish } from '../../../../chaos/drill/cluster/journal/index.ts';
import { createKeeper } from '../../../../chaos/drill/cluster/keeper/keeper.ts';
import { createKeeperMetrics } from '../../../../chaos/drill/cluster/keeper/metrics.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { keptPlace, type Kept } from './kept-objects.ts';

const SERVICE = withValues(definition.dev, ['drills.enabled=true']);
const REDIS: Kept = { kind: 'StatefulSet', name: 'redis', spec: { replicas: 1 } };
const WISH: Wish = {
  id: 'wish-1',
  experiment: 'redis-lost',
  fault: { kind: 'scale-away', component: 'redis' },
  ttl: 60_000,
  requestedBy: 'drill-1',
};

/** A keeper of objects in memory, whose turns a test begins. */
function keeperOf(objects: readonly Kept[] = [REDIS]) {
  const place = keptPlace('shop', [{ kind: 'ConfigMap', name: 'sluice-drill' }, ...objects]);
  const store = journalStore(place);
  const metrics = createKeeperMetrics();
  let now = 1_000_000;
  let leads = true;
  const clock: FaultContext['clock'] = {
    now: () => now,
    async wait(milliseconds) {
      now += milliseconds;
      await new Promise((go) => setImmediate(go));
    },
  };
  const proxies = { set: () => Promise.resolve(), clear: () => Promise.resolve() };
  const keeper = createKeeper({
    faults: { place, service: SERVICE, clock, proxies },
    store,
    lease: { leads: () => leads },
    pulse: { feel: (runner) => (runner ? 'alive' : 'gone') },
    metrics,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    wake: () => undefined,
  });
  const begin = (wanted: readonly Wish[]) =>
    store.change((journal) => ({
      ...journal,
      runner: { id: 'drill-1', by: 'a pod', beat: 1, experiment: 'redis-lost' },
      wanted,
    }));
  /** Turns until the journal is as it should be. */
  const until = (check: (journal: Journal) => void): Promise<void> =>
    eventually(async () => {
      await keeper.turn();
      check((await store.read()).journal);
    }, 5_000);
  return {
    place,
    store,
    keeper,
    metrics,
    begin,
    until,
    pass: (ms: number) => (now += ms),
    resign: () => (leads = false),
  };
}

const replicasOf = async (place: ReturnType<typeof keptPlace>): Promise<unknown> =>
  ((await place.require('StatefulSet', 'redis')).spec as { replicas: number }).replicas;

test('how a fault is put back stands in the journal before anything is changed', async () => {
  const { place, store, begin, until } = keeperOf();
  const scale = place.scale.bind(place);
  const written: unknown[] = [];
  Object.assign(place, {
    scale: async (...args: Parameters<typeof scale>) => {
      written.push((await store.read()).journal.done);
      await scale(...args);
    },
  });

  await begin([WISH]);
  await until(({ done }) => expect(done).toMatchObject([{ id: 'wish-1', state: 'injected', until: 1_060_000 }]));

  const undo = [{ kind: 'replicas', workload: 'StatefulSet', name: 'redis', from: 0, to: 1 }];
  expect(written).toMatchObject([[{ id: 'wish-1', state: 'injecting', undo }]]);
  expect(await replicasOf(place)).toBe(0);
});

test('what is wanted no more is put back, and then forgotten', async () => {
  const { place, begin, until } = keeperOf();
  await begin([WISH]);
  await until(({ done }) => expect(done).toMatchObject([{ state: 'injected' }]));

  await begin([]);
  await until(({ done }) => expect(done).toEqual([]));

  expect(await replicasOf(place)).toBe(1);
});

test('what others have set since then is left as it is', async () => {
  const { place, begin, until } = keeperOf();
  await begin([WISH]);
  await until(({ done }) => expect(done).toMatchObject([{ state: 'injected' }]));
  await place.scale('StatefulSet', 'redis', 3);

  await begin([]);
  await until(({ done }) => expect(done).toEqual([]));

  expect(await replicasOf(place)).toBe(3);
});

test('a fault that cannot be made is told, and nothing is touched', async () => {
  const { begin, until, place } = keeperOf([]);

  await begin([WISH]);
  await until(({ done }) =>
    expect(done).toMatchObject([{ id: 'wish-1', state: 'over', failed: expect.stringContaining('no StatefulSet') }]),
  );

  expect(place.made()).toHaveLength(1);
});

test('one that fails half-way is put back, and tried no more', async () => {
  const { place, begin, until } = keeperOf();
  const scale = place.scale.bind(place);
  let scaled = 0;
  Object.assign(place, {
    scale: async (...args: Parameters<typeof scale>) => {
      await scale(...args);
      if (scaled++ === 0) throw new Error('the API server went away');
    },
  });

  await begin([WISH]);
  await until(({ done }) =>
    expect(done).toMatchObject([{ state: 'over', failed: expect.stringContaining('went away') }]),
  );

  expect(await replicasOf(place)).toBe(1);
});

test('a fault whose making ends while the keeper looks stays', async () => {
  const { place, store, keeper, begin } = keeperOf();
  const [scale, read] = [place.scale.bind(place), store.read];
  const gate = Promise.withResolvers<undefined>();
  Object.assign(place, {
    scale: async (...args: Parameters<typeof scale>) => {
      await gate.promise;
      await scale(...args);
    },
  });
  await begin([WISH]);
  await keeper.turn();
  await eventually(async () => expect((await read()).journal.done).toMatchObject([{ state: 'injecting' }]));
  Object.assign(store, {
    async read() {
      const before = await read();
      gate.resolve(undefined);
      await eventually(async () => expect((await read()).journal.done).toMatchObject([{ state: 'injected' }]));
      return before;
    },
  });

  await keeper.turn();
  Object.assign(store, { read });
  await keeper.turn();

  expect((await read()).journal.done).toMatchObject([{ state: 'injected' }]);
  expect(await replicasOf(place)).toBe(0);
});

test('a taking back that fails is tried again, and told as overdue until then', async () => {
  const { place, begin, until, keeper, metrics, pass } = keeperOf();
  await begin([WISH]);
  await until(({ done }) => expect(done).toMatchObject([{ state: 'injected' }]));
  const scale = place.scale.bind(place);
  Object.assign(place, { scale: () => Promise.reject(new Error('not now')) });

  await begin([]);
  pass(120_000);
  await until(({ done }) => expect(done).toMatchObject([{ state: 'reverting' }]));
  await keeper.turn();
  expect(await metrics.read()).toContain('gateway_drill_fault_overdue 1');
  Object.assign(place, { scale });
  await until(({ done }) => expect(done).toEqual([]));

  await keeper.turn();
  expect(await metrics.read()).toContain('gateway_drill_fault_overdue 0');
  expect(await replicasOf(place)).toBe(1);
});

test('a keeper that does not lead does nothing', async () => {
  const { begin, keeper, store, place, resign } = keeperOf();
  resign();
  await begin([WISH]);

  await keeper.turn();

  expect((await store.read()).journal.done).toEqual([]);
  expect(await replicasOf(place)).toBe(1);
});

test('a keeper that goes puts back what there is before', async () => {
  const { begin, until, keeper, store, place } = keeperOf();
  await begin([WISH]);
  await until(({ done }) => expect(done).toMatchObject([{ state: 'injected' }]));

  await keeper.leave();

  expect((await store.read()).journal.done).toMatchObject([{ state: 'over', why: 'the keeper is going' }]);
  expect(await replicasOf(place)).toBe(1);
});

test('what the journal knows is told, also by a keeper that has just begun', async () => {
  const { store, keeper, metrics, begin } = keeperOf();
  await begin([]);
  await store.change((journal) => ({
    ...journal,
    lastSuccess: 5_000,
    runs: { passed: 3, failed: 1, aborted: 0, refused: 2 },
  }));

  await keeper.turn();

  const page = await metrics.read();
  for (const line of [
    'gateway_drill_last_success_timestamp_seconds 5',
    'gateway_drill_active{experiment="redis-lost"} 1',
    'gateway_drill_runs_total{result="passed"} 3',
    'gateway_drill_runs_total{result="aborted"} 0',
  ])
    expect(page).toContain(`${line}\n`);
});

test('a Service that leads to a proxy which no journal knows of is turned back', async () => {
  const { until, place } = keeperOf([
    {
      kind: 'Service',
      name: 'redis',
      metadata: { annotations: { 'sluice/drill-selector': '{"app":"redis"}' } },
      spec: { selector: { 'app.kubernetes.io/name': 'drill-proxy', 'sluice/drill-proxy': 'redis' } },
    },
    { kind: 'Service', name: 'drill-target-redis' },
    { kind: 'Pod', name: 'drill-proxy-redis', metadata: { labels: { 'app.kubernetes.io/component': 'drill-proxy' } } },
  ]);

  await until(() =>
    expect(place.made().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap sluice-drill',
      'Service redis',
    ]),
  );

  const { spec, metadata } = await place.require('Service', 'redis');
  expect((spec as { selector: object }).selector).toEqual({ app: 'redis' });
  expect(metadata.annotations).toEqual({});
});
