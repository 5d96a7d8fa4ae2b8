import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { environmentNetwork } from '../../infra/invariants/network/environment-network.ts';
import { judge } from '../../infra/network/index.ts';
import { objectKey, synthesize } from '../../infra/synth/index.ts';
import { ENVIRONMENTS, type Service } from '../../service/definition/index.ts';
import { field } from '../charts/render.ts';
import { copyOf } from '../support/copies.ts';

/** Ports that any program of an environment listens on. */
const PORTS = [3000, 5432, 6379, 6432, 8080, 8081, 9090, 9093, 9121, 9187, 9464];

describe.each(ENVIRONMENTS)('two services on one cluster, both in %s', (environment) => {
  const orders = copyOf(environment, 'orders', `orders-${environment}`);
  const billing = copyOf(environment, 'billing', `billing-${environment}`);
  const [first, second] = [synthesize(orders), synthesize(billing)];

  test('have no object in common', () => {
    const keys = [first, second].flatMap(({ manifests, chaos }) => [...manifests, ...chaos].map(objectKey));

    expect(keys).toHaveLength(new Set(keys).size);
  });

  test('are the same but for their names', () => {
    const kinds = ({ manifests }: typeof first) => manifests.map(({ kind }) => kind).sort();

    expect(kinds(second)).toEqual(kinds(first));
  });

  test.each([
    { of: first, other: 'billing' },
    { of: second, other: 'orders' },
  ])('know nothing of each other: no file tells the name of $other, and none that of the sample', ({ of, other }) => {
    for (const [path, text] of of.files) {
      expect([path, text.includes(`${other}-${environment}`)]).toEqual([path, false]);
      expect([path, text.includes(`acme/${other}`)]).toEqual([path, false]);
      expect([path, /sluice-(dev|staging|prod)|ghcr\.io\/sluice/.test(text)]).toEqual([path, false]);
    }
  });

  test('have dashboards that one Grafana tells apart', () => {
    const ids = [first, second].flatMap(({ files }) =>
      [...files].filter(([path]) => path.startsWith('dashboards/')).map(([, text]) => field(JSON.parse(text), 'uid')),
    );

    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('have rules that look at nobody else’s metrics', () => {
    type Rule = { readonly alert?: string; readonly expr: string };
    const { groups } = parse(first.files.get('prometheus/rules.yaml') ?? '') as { groups: { rules: Rule[] }[] };
    const rules = groups.flatMap((group) => group.rules).filter(({ expr }) => !/^vector\([\d.]+\)$/.test(expr));

    expect(rules.length).toBeGreaterThan(3);
    for (const { alert, expr } of rules)
      expect([alert, expr.includes(`namespace="orders-${environment}"`)]).toEqual([alert, true]);
  });

  test('do not let each other’s pods in, but where anybody may come', () => {
    const passed = [...crossings(orders, billing), ...crossings(billing, orders)];

    expect(passed.filter((row) => !row.endsWith(`gateway:${orders.gateway.port}`))).toEqual([]);
  });

  test('would be found out by a policy that forgets whose pods it means', () => {
    const open = crossings(orders, billing, { ingress: [{}], egress: [{}], policyTypes: ['Ingress', 'Egress'] });

    expect(open).toContain('gateway -> postgres:5432');
  });
});

/** What pods of one service may reach of another, judged by the policies of both. */
function crossings(from: Service, to: Service, open?: object): string[] {
  const [own, other] = [environmentNetwork(from), environmentNetwork(to)];
  const added = [from, to].map(({ namespace }) => ({
    metadata: { name: 'open', namespace },
    spec: { podSelector: {}, ...open },
  }));
  const network = { policies: [...own.policies, ...other.policies, ...(open ? added : [])] };
  return own.pods.flatMap((sender) =>
    other.pods.flatMap((receiver) =>
      PORTS.filter(
        (port) => judge({ from: { pod: sender.pod }, to: { pod: receiver.pod }, port }, network).allowed,
      ).map((port) => `${sender.component} -> ${receiver.component}:${port}`),
    ),
  );
}
