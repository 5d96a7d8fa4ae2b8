import { describe, expect, test } from '@jest/globals';
import { ruleGroups } from '../../alerts/index.ts';
import { annotations } from '../../dashboards/annotations.ts';
import { GRAFANA_SCOPE, PANELS, promqlOf } from '../../dashboards/index.ts';
import { askedOf } from '../../infra/invariants/query/asked-of.ts';
import { checkQuery } from '../../infra/invariants/query/check-query.ts';
import {
  definition,
  ENVIRONMENTS,
  EXPORTERS,
  toSeconds,
  withValues,
  type Duration,
  type Service,
} from '../../service/definition/index.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import type { Panel } from '../../service/telemetry/panels/index.ts';
import { promqlErrors } from '../alerts/promql.ts';
import { builtDashboards, panelsIn, requireDashboard, requirePanel, type Target } from './built.ts';
import { interpolate, type Choices } from './interpolate.ts';

const ONE: Choices = {
  environment: 'sluice-prod',
  version: '0.1.0',
  pod: ['10.0.0.1'],
  route: ['search'],
  __rate_interval: '20s',
};
const SEVERAL: Choices = { ...ONE, pod: ['gateway-a', 'gateway-b'], route: ['search', 'chat'] };
const ALL: Choices = { ...SEVERAL, version: '.*', route: '.*' };

const KUBE_STATE_METRICS = ['monitoring.cluster.kubeStateMetrics=kube-state-metrics.monitoring.svc:8080'];

const chosen = [
  ['one of everything', ONE],
  ['several', SEVERAL],
  ['all', ALL],
] as const;

const overview = requireDashboard(definition.prod, 'overview');

/** A query with the time that Grafana lets rates look back where somebody has come as near as there are scrapes. */
function nearest({ expr, interval }: Target): string {
  return expr.replaceAll('$__rate_interval', `${4 * toSeconds(interval as Duration)}s`);
}

/** Environments with a guard that judges their releases, and without. */
const SERVICES = ENVIRONMENTS.flatMap((name) => [
  [`${name} without a guard`, withValues(definition[name], ['release.guard.mode=off'])] as const,
  [`${name} with a guard`, withValues(definition[name], ['release.guard.mode=act'])] as const,
]);

/** Every query of an environment's dashboards: of panels, variables and annotations. */
function queriesOf(service: Service): readonly string[] {
  return [...builtDashboards(service).values()].flatMap((built) => [
    ...panelsIn(built).flatMap(({ targets = [] }) => targets.map(nearest)),
    ...built.annotations.list.map(({ expr }) => expr),
    ...built.templating.list
      .filter(({ type }) => type === 'query')
      .map(({ query }) => query.query.replace(/^label_values\((.*), (\w+)\)$/, 'count by ($2) ($1)')),
  ]);
}

describe.each(SERVICES)('what the dashboards of %s ask', (_, service) => {
  test.each(chosen)(
    'is PromQL of metrics, labels and values that there are when somebody has chosen %s',
    (__, choices) => {
      for (const query of queriesOf(service)) {
        const sent = interpolate(query, { ...choices, environment: service.namespace });
        expect(sent).not.toContain('$');
        expect([sent, promqlErrors(sent)]).toEqual([sent, []]);
        const { problems } = askedOf(service)(sent);
        expect([sent, problems]).toEqual([sent, []]);
      }
    },
  );

  test('is of the environment that is chosen alone', () => {
    for (const query of queriesOf(service).filter((text) => !text.startsWith('count by (namespace)')))
      for (const [selector] of query.matchAll(/\{[^}]*\}/g)) expect(selector).toContain('namespace="$environment"');
  });

  test('of the gateway is of the pods and routes that are chosen, but for promises that count them all', () => {
    const narrow = queriesOf(service).filter((text) => !text.includes('[1d]') && !text.startsWith('count by'));
    const selectors = narrow.flatMap((query) => [...query.matchAll(/(\w+)(\{[^}]*job="gateway"[^}]*\})/g)]);
    expect(selectors.length).toBeGreaterThan(20);
    for (const [, metric, selector] of selectors) {
      if (metric === METRICS.up.name) continue;
      expect(selector).toContain('pod=~"$pod"');
      if (metric?.startsWith(METRICS.requestDuration.name)) expect(selector).toContain('route=~"$route"');
    }
  });
});

test('what looks back a day counts every pod of that day, and every route', () => {
  const [{ expr } = { expr: '' }] = requirePanel(overview, 'Errors, last 24 hours').targets ?? [];
  expect(expr).toContain('[1d]');
  expect(expr).not.toMatch(/\$(pod|route|__rate_interval)/);
});

test('rates look back as far as four scrapes, whatever the settings of the datasource', () => {
  for (const { targets = [] } of panelsIn(overview)) for (const { interval } of targets) expect(interval).toBe('5s');
  expect(requirePanel(overview, 'Answers').targets?.[0]?.expr).toContain('[$__rate_interval]');
});

test('what the cluster tells is looked back at as far as it is told', () => {
  const requireInterval = (monitoring: string) => {
    const service = withValues(definition.prod, [`monitoring.kind=${monitoring}`, ...KUBE_STATE_METRICS]);
    return requirePanel(requireDashboard(service, 'runtime'), 'Restarts').targets?.[0]?.interval;
  };
  expect(requireInterval('operator')).toBe('30s');
  expect(requireInterval('standalone')).toBe('5s');
});

test('latency leads to traces of the requests that were slow', () => {
  for (const { exemplar } of requirePanel(overview, 'Latency').targets ?? []) expect(exemplar).toBe(true);
  for (const { exemplar } of requirePanel(overview, 'Answers').targets ?? []) expect(exemplar).toBeUndefined();
});

describe('the variables', () => {
  const { list } = overview.templating;
  const variable = (name: string) => list.find((candidate) => candidate.name === name);

  test('are what can be chosen, each of what was chosen before it', () => {
    expect(list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['environment', 'query'],
      ['version', 'query'],
      ['pod', 'query'],
      ['route', 'query'],
    ]);
    expect(variable('version')?.query.query).toBe(
      'label_values(gateway_build_info{job="gateway",namespace="$environment"}, version)',
    );
    expect(variable('pod')?.query.query).toBe(
      'label_values(gateway_build_info{job="gateway",namespace="$environment",version=~"$version"}, pod)',
    );
  });

  test('open with the environment that the dashboard was made for, and with all of the rest', () => {
    expect(variable('environment')?.current?.value).toBe('sluice-prod');
    expect(['version', 'pod', 'route'].map((name) => variable(name)?.current?.value)).toEqual([
      '$__all',
      ['$__all'],
      ['$__all'],
    ]);
  });

  test('hide the pods, whose "all" is those of the version and not any', () => {
    expect(variable('pod')).toMatchObject({ hide: 2, multi: true, includeAll: true });
    expect(variable('pod')?.allValue).toBeUndefined();
  });

  test('ask the Prometheus that whoever looks has chosen, as panels and annotations do', () => {
    const datasource = { type: 'prometheus', uid: '${datasource}' };
    for (const built of builtDashboards(definition.prod).values()) {
      expect(built.templating.list.slice(1).map((each) => each)).toEqual(
        built.templating.list.slice(1).map(() => expect.objectContaining({ datasource }) as unknown),
      );
      for (const panel of panelsIn(built)) {
        expect(panel.datasource).toEqual(datasource);
        for (const target of panel.targets ?? []) expect(target.datasource).toEqual(datasource);
      }
      for (const annotation of built.annotations.list) expect(annotation).toMatchObject({ datasource });
    }
  });
});

test('what no environment runs yet asks PromQL, too', () => {
  const panels = PANELS as readonly Panel[];
  const marks = annotations(EXPORTERS).map((builder) => builder.build().expr ?? '');
  expect(marks).toHaveLength(3);
  for (const query of [...panels.flatMap((panel) => promqlOf(panel, definition.prod, GRAFANA_SCOPE)), ...marks]) {
    const sent = interpolate(query, SEVERAL);
    expect([sent, promqlErrors(sent), checkQuery(sent).problems]).toEqual([sent, [], []]);
  }
});

test('annotations mark what the guard decides where the guard runs, which also tells of each release', () => {
  const built = requireDashboard(withValues(definition.prod, ['release.guard.mode=act']), 'release');
  expect(built.annotations.list.map(({ name }) => name)).toEqual(['Releases', 'Decisions']);
  expect(interpolate(built.annotations.list[1]?.expr ?? '', ONE)).toBe(
    'sum by (outcome) (increase(gateway_release_outcomes_total{job="guard",namespace="sluice-prod"}[20s])) > 0',
  );
  expect(requirePanel(built, 'Errors of each release').targets?.[0]?.expr).toContain('release:requests_failed');
});

test('a withdrawn release is on panels of its own, and counts nowhere else', () => {
  const service = withValues(definition.prod, ['release.guard.mode=act']);
  const own = ['Errors of the withdrawn release', 'Latency of the withdrawn release'];
  const release = panelsIn(requireDashboard(service, 'release'));
  const queries = (isOwn: boolean) =>
    release.filter(({ title }) => own.includes(title) === isOwn).flatMap(({ targets = [] }) => targets);
  expect(queries(true)).toHaveLength(3);
  for (const { expr } of queries(true)) {
    expect(interpolate(expr, ONE)).toContain('{job="gateway-withdrawn",namespace="sluice-prod"');
    expect(expr).not.toContain('job="gateway"');
  }
  const rules = ruleGroups(service).groups.flatMap((group) => group.rules);
  for (const { expr } of [...queries(false), ...rules]) expect(expr).not.toMatch(/job=~?"[^"]*withdrawn/);
});

test('annotations mark releases everywhere, and what nobody tells nowhere', () => {
  const unguarded = withValues(definition.prod, ['release.guard.mode=off']);
  const { list } = requireDashboard(unguarded, 'overview').annotations;
  expect(list.map(({ name }) => name)).toEqual(['Releases']);
  expect(interpolate(list[0]?.expr ?? '', ONE)).toBe(
    'count by (version, commit) (gateway_build_info{job="gateway",namespace="sluice-prod"}) ' +
      'unless count by (version, commit) (gateway_build_info{job="gateway",namespace="sluice-prod"} offset 20s)',
  );
});
