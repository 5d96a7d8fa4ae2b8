import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { explain, INVARIANTS } from '../../infra/invariants/index.ts';
import { definition } from '../../service/definition/index.ts';
import { PROJECT } from '../support/serve.ts';
import { sluice } from './sluice.ts';

test.each(INVARIANTS.map((rule) => [rule.id, rule] as const))(
  '%s holds with its numbers, its example breaks it, and its link leads to a section',
  (id, rule) => {
    const services = Object.values(definition);
    const { environments, example, formula, link } = explain(rule, services, definition.prod);
    expect(environments.map(({ holds }) => holds)).toEqual(services.map(() => true));
    // One on drills has none where there are no drills.
    expect(environments.some(({ comparisons }) => comparisons.length > 0)).toBe(rule.compare !== undefined);
    expect(example.findings.length).toBeGreaterThan(0);
    for (const { fixes } of example.findings) expect(fixes.length).toBeGreaterThan(0);
    expect(formula).not.toBe('');
    const [file = '', anchor = ''] = link.split('#');
    expect(existsSync(PROJECT + file)).toBe(true);
    expect(readFileSync(PROJECT + file, 'utf8')).toContain(`## ${anchor}\n`);
    expect(anchor).toBe(id);
  },
);

test('check --explain tells why, the formula, the numbers now, a broken value with its finding, and where to read more', () => {
  const run = sluice(['check', '--explain', 'idle-ladder', '--env', 'prod']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toBe(`idle-ladder joins balancer, gateway, upstream
  balancer idle < gateway keep-alive; keep-alive towards the upstream < keep-alive of the upstream

why: A connection that the receiver closes while the sender writes to it is lost with the request on it: sporadic 502s that no log explains. So the sender must let go first.

now (prod): holds
  60s balancer.idleTimeout < 65s gateway.keepAlive
  20s upstream.keepAlive of the gateway < 60s upstream.serverKeepAlive

broken, for example (prod), by --set gateway.keepAlive=5s
  gateway.keepAlive: 60s balancer.idleTimeout ≥ 5s gateway.keepAlive
    fix: --set gateway.keepAlive=61s
     or: --set balancer.idleTimeout=4s

more: docs/invariants.md#idle-ladder
`);
});

test('the numbers are those of the environments and values that were asked for', () => {
  const run = sluice(['check', '--explain', 'idle-ladder', '--set', 'gateway.keepAlive=30s']);
  expect(run.stdout).toContain(`now (dev, staging, prod): is broken
  60s balancer.idleTimeout ≥ 30s gateway.keepAlive
`);
});

test('--json has the same for machines', () => {
  const run = sluice(['check', '--explain', 'memory', '--env', 'prod', '--json']);
  expect(JSON.parse(run.stdout)).toMatchObject({
    id: 'memory',
    environments: [{ environment: 'prod', holds: true, problems: [] }],
    example: { environment: 'prod', findings: [{ path: 'gateway.memory.limit' }] },
  });
});
