import { describe, expect, test } from '@jest/globals';
import { dashboards, DASHBOARDS, PANELS, panelsOf } from '../../dashboards/index.ts';
import { dashboardsOf } from '../../infra/synth/dashboards.ts';
import { sortedJson } from '../../infra/charts/index.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { builtDashboards, panelsIn, requireDashboard, requirePanel, type Built } from './built.ts';

const overview = requireDashboard(definition.prod, 'overview');

test('dashboards are the same on every run', () => {
  const text = (): string => JSON.stringify([...dashboardsOf(definition.prod)]);
  expect(text()).toBe(text());
});

test('what nothing fills in an environment is left out, and no more than that', () => {
  for (const name of ENVIRONMENTS) {
    const service = definition[name];
    const here = panelsOf(service).map(({ id }) => id);
    const filled = DASHBOARDS.filter(({ rows }) => rows.some(({ panels }) => panels.some((id) => here.includes(id))));
    expect([...builtDashboards(service).keys()]).toEqual(filled.map(({ id }) => id));
  }
});

test.each([...builtDashboards(definition.prod)])(
  '%s is laid out in rows over the whole width, none over another',
  (_, built) => {
    const lines = Map.groupBy(panelsIn(built), ({ gridPos }) => gridPos.y);
    let below = 1;
    for (const [y, line] of lines) {
      expect(y).toBe(below);
      let x = 0;
      for (const { gridPos } of line) {
        expect(gridPos.x).toBe(x);
        x += gridPos.w;
      }
      expect(x).toBe(24);
      below = y + Math.max(...line.map(({ gridPos }) => gridPos.h)) + 1;
    }
  },
);

test('the overview begins with what fires and what is left, and fits requests on the first screen', () => {
  const [first, ...others] = panelsIn(overview);
  expect(first?.title).toBe('What fires');
  expect(others.slice(0, 2).map(({ title }) => title)).toEqual(['Pods', 'Budget left']);
  // Rows of 30 pixels and a gap of 8, and the head of the page, of 1080.
  expect(requirePanel(overview, 'Latency').gridPos.y + requirePanel(overview, 'Latency').gridPos.h).toBeLessThanOrEqual(
    25,
  );
});

describe('Grafana', () => {
  test('gets an identifier that it takes, stable, and another for each namespace and dashboard', () => {
    const uids = ENVIRONMENTS.flatMap((name) => [...builtDashboards(definition[name]).values()].map(({ uid }) => uid));
    expect(overview.uid).toBe('e6e46f0fa23c4e6f');
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) expect(uid).toMatch(/^[\w-]{8,40}$/);
  });

  test('gets a version of the schema that it migrates itself', () => {
    expect(overview.schemaVersion).toBeGreaterThanOrEqual(36);
  });

  test('gets panels with numbers of their own', () => {
    for (const { panels } of builtDashboards(definition.prod).values())
      expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1));
  });

  test('gets a unit, a name for each line and words for every panel', () => {
    for (const built of builtDashboards(definition.prod).values()) {
      for (const { title, description, fieldConfig, targets = [] } of panelsIn(built)) {
        expect([title, description]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\w.*\.$/s)]);
        expect(fieldConfig.defaults.unit).toMatch(/\w/);
        expect(targets.length).toBeGreaterThan(0);
        for (const { legendFormat } of targets) expect(legendFormat).toMatch(/\w/);
      }
    }
  });

  test('gets dashboards that leave room in a ConfigMap, and in the request that writes it', () => {
    for (const board of dashboardsOf(definition.prod).values())
      // 1 MiB for the values of a ConfigMap, and 1.5 MiB for a request of etcd, which holds it a second time where
      // kubectl keeps what was last applied.
      expect(Buffer.byteLength(sortedJson(board))).toBeLessThan(256 * 1024);
  });
});

describe('thresholds', () => {
  const stepsOf = (built: Built, title: string) => requirePanel(built, title).fieldConfig.defaults.thresholds.steps;
  const changed = withValues(definition.prod, [
    'slo.errors=2%',
    'slo.latency=300ms',
    'scaling.min=4',
    'gateway.memory.limit=2Gi',
  ]);

  test('follow the definition', () => {
    const built = requireDashboard(changed, 'overview');
    expect(stepsOf(built, 'Errors').at(-1)).toEqual({ value: 0.02, color: 'red' });
    expect(stepsOf(built, 'Latency').at(-1)).toEqual({ value: 0.3, color: 'red' });
    expect(stepsOf(built, 'Memory').at(-1)).toEqual({ value: 2 ** 31, color: 'red' });
    expect(stepsOf(built, 'Pods')).toEqual([
      { value: null, color: 'red' },
      { value: 4, color: 'green' },
    ]);
  });

  test('that come near are told by a colour between', () => {
    expect(stepsOf(overview, 'Budget left')).toEqual([
      { value: null, color: 'red' },
      { value: 0, color: 'orange' },
      { value: 0.25, color: 'green' },
    ]);
  });

  test('that are not there call nothing good', () => {
    expect(stepsOf(overview, 'Answers')).toEqual([{ value: null, color: 'text' }]);
  });
});

describe('links', () => {
  test('lead to every dashboard of the environment and to no other, with the time and what was chosen', () => {
    for (const name of ENVIRONMENTS) {
      const all = [...builtDashboards(definition[name]).values()];
      for (const { links, tags } of all) {
        expect(links).toEqual([expect.objectContaining({ type: 'dashboards', keepTime: true, includeVars: true })]);
        for (const other of all) expect(other.tags).toEqual(expect.arrayContaining([...(links[0]?.tags ?? [])]));
        const foreign = ENVIRONMENTS.filter((other) => other !== name).map(
          (other) => requireDashboard(definition[other], 'overview').tags,
        );
        for (const others of foreign) expect(others).not.toEqual(expect.arrayContaining([...tags]));
      }
    }
  });

  test('lead from a panel to what the runbook says of each alert that names it', () => {
    const service = withValues(definition.prod, ['monitoring.runbookUrl=https://wiki.example.com/runbook']);
    const { links, description } = requirePanel(requireDashboard(service, 'upstreams'), 'Breakers not closed');
    const url = 'https://wiki.example.com/runbook#breakeropen';
    expect(links).toEqual([expect.objectContaining({ title: 'BreakerOpen', url, type: 'link', targetBlank: true })]);
    expect(description).toContain(`Alerts: [BreakerOpen](${url}).`);
  });

  test('are words where the runbook is a file, which no browser opens', () => {
    const { links, description } = requirePanel(requireDashboard(definition.prod, 'upstreams'), 'Breakers not closed');
    expect(links ?? []).toEqual([]);
    expect(description).toContain('Alerts: BreakerOpen (alerts/RUNBOOK.md#breakeropen).');
  });

  test('name panels alone that there are', () => {
    const ids: readonly string[] = PANELS.map(({ id }) => id);
    const linked = new Map(ids.map((id) => [id, [{ title: id, url: `https://example.com/${id}` }]]));
    for (const board of dashboards(definition.prod, linked).values())
      for (const { links } of panelsIn(JSON.parse(JSON.stringify(board)) as Built)) expect(links).toHaveLength(1);
  });
});
