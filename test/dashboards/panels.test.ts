import { describe, expect, test } from '@jest/globals';
import { ALERTS } from '../../alerts/index.ts';
import { DASHBOARDS, PANELS, panelsOf, promqlOf } from '../../dashboards/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { selectionsOf } from '../../service/telemetry/expression/index.ts';
import type { Panel } from '../../service/telemetry/panels/index.ts';
import { promqlErrors } from '../alerts/promql.ts';

const panels: readonly Panel[] = PANELS;
const service = definition.prod;

test('panels have names of their own, and each stands on a dashboard, on none twice', () => {
  const ids = panels.map(({ id }) => id).sort();
  const shown = DASHBOARDS.map(({ rows }) => rows.flatMap((row) => row.panels as readonly string[]));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...new Set(shown.flat())].sort()).toEqual(ids);
  for (const one of shown) expect(new Set(one).size).toBe(one.length);
});

test.each(ALERTS.map(({ id, panel, dashboard }) => [id, panel, dashboard] as const))(
  'the dashboard that %s leads to has its panel %s',
  (_, panel, dashboard) => {
    const shown = DASHBOARDS.filter(({ id }) => id === dashboard).flatMap(({ rows }) =>
      rows.flatMap((row) => row.panels),
    );
    expect(shown).toContain(panel);
  },
);

test('every metric of the catalogue is on a panel', () => {
  const queries = panels.flatMap((panel) => promqlOf(panel, service)).join('\n');
  for (const { name } of Object.values(METRICS)) expect(queries).toContain(name);
});

describe.each(panels)('the panel $id', (panel) => {
  test('asks for valid PromQL, with a name for every line', () => {
    const queries = promqlOf(panel, service);
    for (const query of queries) expect(promqlErrors(query)).toEqual([]);
    expect(panel.legends).toHaveLength(queries.length);
  });

  test('looks at the namespace of its environment alone', () => {
    for (const query of promqlOf(panel, service)) {
      for (const [selector] of query.matchAll(/\{[^}]*\}/g)) expect(selector).toContain('namespace="sluice-prod"');
    }
  });
});

test.each(ALERTS.map(({ id, panel, expression }) => [id, panel, expression(service)] as const))(
  'what %s compares is what its panel %s draws',
  (_, panelId, expression) => {
    const metrics = new Set(Object.values(METRICS).map(({ name }) => name as string));
    const compared = [...expression.matchAll(/\w+/g)].map(([word]) => word.replace(/_(bucket|count|sum)$/, ''));
    const drawn = panels
      .filter(({ id }) => id === panelId)
      .flatMap(({ queries }) => queries(service).flatMap(selectionsOf))
      .map(({ metric }) => metric.name);
    expect(drawn).toEqual(expect.arrayContaining(compared.filter((word) => metrics.has(word))));
  },
);

test.each([
  'PostgresPoolNearLimit',
  'RedisStateNearlyFull',
  'RedisClientsNearLimit',
  'PostgresConnectionsNearLimit',
  'PostgresNearlyFull',
  'PostgresBackupOld',
  'CertificateExpires',
  'DrillMissed',
  'ReleaseErrorsHigh',
  'ReleaseLatencyHigh',
] as const)('%s begins at the line of its panel', (name) => {
  const alert = ALERTS.find(({ id }) => id === name);
  const panel = panels.find(({ id }) => id === alert?.panel);
  const { value, bad } = panel?.threshold?.(service) ?? {};
  expect(alert?.expression(service)).toMatch(new RegExp(` ${bad === 'above' ? '>' : '<'}=? ${value}(?![\\d.])`));
});

test('what nothing tells in an environment is not drawn there', () => {
  const external = withValues(definition.prod, ['stores.redis.kind=external']);
  const ids = panelsOf(external).map(({ id }) => id);
  expect(ids.filter((id) => id.startsWith('redis-'))).toEqual([]);
  expect(ids).toEqual(expect.arrayContaining(['postgres-up', 'exporters-up']));
});
