import { expect, test } from '@jest/globals';
import { checkService, formatFindings, INVARIANTS, type Invariant } from '../../infra/invariants/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';

test('each rule has an id of its own, joins at least two layers and says why it exists', () => {
  expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length);
  for (const { layers, reason } of INVARIANTS) {
    expect(layers.length).toBeGreaterThan(1);
    expect(reason).toMatch(/\.$/);
  }
});

test('every place where a rule does not hold is told, not the first alone', () => {
  const broken = withValues(definition.prod, ['gateway.keepAlive=5s', 'upstream.keepAlive=90s', 'scaling.max=7']);
  expect(checkService(broken).map(({ rule, path }) => `${rule} ${path}`)).toEqual([
    'pool-budget datastores.postgres.maxConnections',
    'idle-ladder gateway.keepAlive',
    'idle-ladder upstream.keepAlive',
  ]);
});

test('a change that would break another rule is not proposed while there is one that does not', () => {
  const [finding] = checkService(withValues(definition.prod, ['upstream.attempts=5']));
  // A budget that holds five attempts is longer than the routes.
  expect(finding?.fixes).toContainEqual({ settings: ['upstream.attempts=2'] });
  expect(finding?.fixes).not.toContainEqual({ settings: ['upstream.budget=68s'] });
});

test('a change that the definition does not admit is not proposed', () => {
  // Ten connections are fewer than one pod needs, so no number of pods fits.
  const [finding] = checkService(withValues(definition.prod, ['datastores.postgres.maxConnections=20']));
  expect(finding?.fixes).toEqual([{ settings: ['datastores.postgres.maxConnections=118'] }]);
});

test('where every change breaks something else, the finding says so instead of sending in a circle', () => {
  const low: Invariant = rule('low', (port) => port < 2000, ['gateway.port=1999']);
  const high: Invariant = rule('high', (port) => port > 2000, ['gateway.port=2001']);
  const findings = checkService(withValues(definition.prod, ['gateway.port=3000']), [low, high]);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.fixes).toEqual([
    {
      edit: 'no single value does it, change both sides of the comparison; gateway.port=1999 ends it, and breaks another rule',
    },
  ]);
});

test('what is the same in several environments is told once, with their names', () => {
  const findings = Object.values(definition).flatMap((service) =>
    checkService(withValues(service, ['gateway.keepAlive=30s'])),
  );
  expect(formatFindings(findings)).toEqual([
    `idle-ladder (dev, staging, prod) joins balancer, gateway, upstream; broken at gateway.keepAlive
  60s balancer.idleTimeout ≥ 30s gateway.keepAlive
  why: A connection that the receiver closes while the sender writes to it is lost with the request on it: sporadic 502s that no log explains. So the sender must let go first.
  fix: --set gateway.keepAlive=61s
   or: --set balancer.idleTimeout=29s`,
  ]);
});

function rule(id: string, holds: (port: number) => boolean, settings: readonly string[]): Invariant {
  const breach = { path: 'gateway.port', problem: '', fixes: [{ settings }] };
  return {
    id,
    layers: ['gateway'],
    formula: '',
    example: { settings },
    reason: '',
    check: ({ gateway }) => (holds(gateway.port) ? [] : [breach]),
  };
}
