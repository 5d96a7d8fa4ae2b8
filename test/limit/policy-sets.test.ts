import { describe, expect, test } from '@jest/globals';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { createPolicySets, limitNames } from '../../service/limit/index.ts';

const service = withValues(definition.dev, []);
const adaptive: Service['limits'] = {
  ...service.limits,
  address: { ...service.limits.address, adaptive: { min: '50/min', max: '200/min', shadow: false } },
};
const tiers: Service['limits'] = {
  ...service.limits,
  tiers: {
    ...service.limits.tiers,
    pro: {
      limit: { ...service.limits.key, window: undefined, bucket: { capacity: 100, refill: '10/s' } },
      routes: { search: { ...service.limits.key, window: '300/min' } },
    },
  },
};
const search = { id: 'search', limit: { ...service.limits.key, window: '30/min' as const } };

function names(limits: Service['limits'], ...[caller, route]: Parameters<ReturnType<typeof createPolicySets>['find']>) {
  return createPolicySets({ limits })
    .find(caller, route)
    .policies.map(({ name, kind, count }) => `${name} ${kind} ${count.value}`);
}

describe('the limits that hold a request', () => {
  test('are the address’s, the route’s and everyone’s for a caller without a key', () => {
    expect(names(tiers, { kind: 'address' }, search)).toEqual([
      'address log 100',
      'search log 30',
      'global bucket 1000',
    ]);
  });

  test('are the key’s in place of the address’s for keys and users', () => {
    for (const kind of ['key', 'session'] as const)
      expect(names(tiers, { kind }, { id: 'models' })).toEqual(['key log 60', 'global bucket 1000']);
  });

  test('are the tier’s in place of the key’s and of the route’s own', () => {
    expect(names(tiers, { kind: 'key', tier: 'pro' }, search)).toEqual([
      'tier:pro bucket 100',
      'tier:pro:search counter 300',
      'global bucket 1000',
    ]);
    expect(names(tiers, { kind: 'key', tier: 'free' }, search)).toEqual([
      'tier:free bucket 10',
      'search log 30',
      'global bucket 1000',
    ]);
  });

  test('are those of a key without a tier where the definition does not know the tier', () => {
    for (const tier of ['gone', 'constructor'])
      expect(names(tiers, { kind: 'key', tier }, { id: 'models' })).toEqual(['key log 60', 'global bucket 1000']);
  });

  test('count what a caller has in flight on a route', () => {
    expect(names(tiers, { kind: 'address' }, { id: 'chat', concurrency: 4 })).toEqual([
      'address log 100',
      'chat:in-flight concurrency 4',
      'global bucket 1000',
    ]);
  });

  test('keep apart a route that is named as another limit is', () => {
    expect(names(tiers, { kind: 'address' }, { ...search, id: 'address' })).toEqual([
      'address log 100',
      'route:address log 30',
      'global bucket 1000',
    ]);
  });

  test('are the same object for the same kind of request', () => {
    const sets = createPolicySets({ limits: tiers });
    expect(sets.find({ kind: 'address' }, search)).toBe(sets.find({ kind: 'address' }, { ...search }));
    expect(sets.find({ kind: 'key' }, search)).toBe(sets.find({ kind: 'session' }, search));
    const [address] = sets.find({ kind: 'address' }, search).policies;
    expect(sets.find({ kind: 'address' }, { id: 'other' }).policies[0]).toBe(address);
  });

  test('follow the time of day, and keep a log for the largest count of the day', () => {
    let now = Date.parse('2026-03-02T12:00:00Z');
    const scheduled = {
      ...search.limit,
      schedule: [{ from: '09:00' as const, to: '17:00' as const, window: '300/min' as const }],
    };
    const sets = createPolicySets({ limits: tiers, wallClock: () => now });
    const [, own] = sets.find({ kind: 'address' }, { id: 'search', limit: scheduled }).policies;
    expect(own).toMatchObject({ kind: 'counter', count: { value: 300 } });
    now = Date.parse('2026-03-02T20:00:00Z');
    expect(own?.count.value).toBe(30);
  });

  test('can be moved where the definition lets a forecast', () => {
    const sets = createPolicySets({ limits: adaptive });
    const set = sets.find({ kind: 'address' }, search);
    const [tuned] = sets.tuned;
    expect(tuned).toMatchObject({ name: 'address', scope: 'caller', settings: { shadow: false }, asked: 0 });
    expect(set.tuned).toEqual([tuned]);
    tuned?.limit.move(150);
    expect(set.policies[0]?.count.value).toBe(150);
    expect(set.policies[0]?.kind).toBe('log');
    expect(set.fields.policies).toBe('"address";q=150;w=60, "search";q=30;w=60');
  });
});

test('the names of all limits are known before the first request', () => {
  const routes = { ...service.routes, chat: { ...service.routes.chat, concurrency: 4 } } as Service['routes'];
  const all = limitNames({ limits: tiers, routes });
  expect(new Set(all).size).toBe(all.length);
  const sets = createPolicySets({ limits: tiers });
  for (const [id, route] of Object.entries(routes))
    for (const caller of [{ kind: 'address' }, { kind: 'key' }, { kind: 'key', tier: 'pro' }] as const)
      for (const { name } of sets.find(caller, { ...route, id }).policies) expect(all).toContain(name);
});
