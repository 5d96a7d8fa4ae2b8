import { describe, expect, test } from '@jest/globals';
import { dashboards, PANELS, promqlOf } from '../../dashboards/index.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';

type Target = { readonly expr: string; readonly refId: string; readonly datasource: object };
type GridPosition = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
type BuiltPanel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: GridPosition;
  readonly datasource?: object;
  readonly targets?: readonly Target[];
  readonly fieldConfig: { readonly defaults: { readonly thresholds: { readonly steps: readonly object[] } } };
};
type Built = { readonly uid: string; readonly schemaVersion: number; readonly panels: readonly BuiltPanel[] };

const FILE = 'sluice-prod-overview.json';
const overview = overviewOf(definition.prod);

function overviewOf(service: Service): Built {
  return [...dashboards(service).values()][0] as Built;
}

function requirePanel({ panels }: Built, title: string): BuiltPanel {
  const found = panels.find((panel) => panel.title === title && panel.type !== 'row');
  if (!found) throw new Error(`no panel is called '${title}'`);
  return found;
}

test('a dashboard is the same on every run', () => {
  expect([...dashboards(definition.prod).keys()]).toEqual([FILE, 'sluice-prod-stores.json']);
  expect(JSON.stringify([...dashboards(definition.prod)])).toBe(JSON.stringify([...dashboards(definition.prod)]));
});

test('the overview is laid out in rows over the whole width', () => {
  const lines = overview.panels.map(({ title, gridPos: { x, y, w, h } }) => `${x},${y} ${w}x${h} ${title}`);
  expect(lines).toEqual([
    '0,0 24x1 Objectives',
    '0,1 8x4 Errors, last 24 hours',
    '8,1 8x4 P99, last 24 hours',
    '16,1 8x4 Pods',
    '0,5 24x1 Requests',
    '0,6 6x8 Requests',
    '6,6 6x8 Errors',
    '12,6 6x8 Latency',
    '18,6 6x8 In flight',
    '0,14 24x1 Cache',
    '0,15 6x8 Cache hits',
    '6,15 6x8 Cache look-ups',
    '12,15 6x8 Cache events',
    '18,15 6x8 Cache memory',
    '0,23 24x1 Limits',
    '0,24 6x8 Limits',
    '6,24 6x8 Denied by limit',
    '12,24 6x8 Trips to the store of limits',
    '18,24 6x8 Demand expected',
    '0,32 24x1 Room',
    '0,33 6x8 Lanes',
    '6,33 6x8 Waiting',
    '12,33 6x8 Streams',
    '18,33 6x8 Refused for want of room',
    '0,41 24x1 Upstream and breakers',
    '0,42 8x8 Upstream',
    '8,42 8x8 Breakers not closed',
    '16,42 8x8 Breakers at work',
    '0,50 24x1 Stores',
    '0,51 12x8 Store errors',
    '12,51 12x8 Postgres pools',
    '0,59 24x1 Release and memory',
    '0,60 6x8 Releases',
    '6,60 6x8 Workers',
    '12,60 6x8 Memory',
    '18,60 6x8 Heap',
    '0,68 24x1 Processor',
    '0,69 8x8 Processor',
    '8,69 8x8 Event loop delay',
    '16,69 8x8 Garbage collection',
  ]);
});

describe('Grafana', () => {
  test('gets an identifier that it takes, stable, and another for each namespace', () => {
    const uids = Object.values(definition).map((service) => overviewOf(service).uid);
    expect(overview.uid).toBe('e6e46f0fa23c4e6f');
    expect(new Set(uids).size).toBe(3);
    for (const uid of uids) expect(uid).toMatch(/^[\w-]{8,40}$/);
  });

  test('gets a version of the schema that it migrates itself', () => {
    expect(overview.schemaVersion).toBeGreaterThanOrEqual(36);
  });

  test('gets panels with numbers of their own', () => {
    expect(overview.panels.map(({ id }) => id)).toEqual(overview.panels.map((_, index) => index + 1));
  });

  test('asks the Prometheus that whoever looks has chosen', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    expect(overview).toMatchObject({ templating: { list: [{ name: 'datasource', type: 'datasource' }] } });
    for (const { datasource, targets } of overview.panels.filter(({ type }) => type !== 'row')) {
      expect(datasource).toEqual(chosen);
      for (const target of targets ?? []) expect(target.datasource).toEqual(chosen);
    }
  });

  test('gets every query of every panel', () => {
    const built = [...dashboards(definition.prod).values()] as readonly Built[];
    const asked = built
      .flatMap(({ panels }) => panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)))
      .sort();
    expect(asked).toEqual(PANELS.flatMap((panel) => [...promqlOf(panel, definition.prod)]).sort());
  });
});

test('thresholds follow the definition', () => {
  const stepsOf = (built: Built, title: string) => requirePanel(built, title).fieldConfig.defaults.thresholds.steps;
  const changed = overviewOf(
    withValues(definition.prod, ['slo.errors=2%', 'slo.latency=300ms', 'scaling.min=4', 'gateway.memory.limit=2Gi']),
  );
  expect(stepsOf(changed, 'Errors').at(-1)).toEqual({ value: 0.02, color: 'red' });
  expect(stepsOf(changed, 'Latency').at(-1)).toEqual({ value: 0.3, color: 'red' });
  expect(stepsOf(changed, 'Memory').at(-1)).toEqual({ value: 2 ** 31, color: 'red' });
  expect(stepsOf(changed, 'Pods')).toEqual([
    { value: null, color: 'red' },
    { value: 4, color: 'green' },
  ]);
  expect(stepsOf(changed, 'Requests')).toEqual([{ value: null, color: 'green' }]);
});
