import {
  METRICS,
  MODEL_ROUTES,
  PROBE_ROUTES,
  RECORDED,
  select,
  selectGateway,
} from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { burnAlerts } from './burn-alerts.ts';
import { badSince, labelsOf, share } from './burn.ts';
import { GATEWAY_PODS, kubectl, logs, requestsByRoute } from './first-look.ts';
import { OBJECTIVE_IDS, OBJECTIVES, type ObjectiveId } from './objectives.ts';
import { wholeUnits } from './whole-units.ts';
import type { Service } from '../service/definition/index.ts';

// One failed request of a quiet hour is a share above any objective; five are a pattern.
const LEAST = 5;

const DAY = 86_400;

/** The objective is missed just now, whatever is left of the budget. */
function missedNow(objective: ObjectiveId) {
  return (service: Service): string =>
    `${share(objective, '5m', service)} > ${OBJECTIVES[objective].budget(service)} ` +
    `and ${badSince(objective, '5m', service)} >= ${LEAST}`;
}

/** At the pace of the last day a budget is overdrawn within three, or it is already, and not by chance. */
function budgetRunsOut(service: Service): string {
  const window = wholeUnits(service.slo.window);
  return OBJECTIVE_IDS.map((objective) => {
    const left = select(RECORDED.budgetLeft, labelsOf(objective, service));
    const { least } = OBJECTIVES[objective];
    return `(predict_linear(${left}[1d], ${3 * DAY}) < 0 and ${badSince(objective, window, service)} >= ${least})`;
  }).join(' or ');
}

/** PromQL of the 99th percentile of each route that no model answers. */
function slowestByRoute({ namespace }: Service): string {
  const routes = { route: `!~${[...PROBE_ROUTES, ...MODEL_ROUTES].join('|')}` };
  const buckets = selectGateway(namespace, METRICS.requestDuration, routes, '_bucket');
  return `histogram_quantile(0.99, sum by (route, le) (rate(${buckets}[5m])))`;
}

/** Alerts on what users are promised. */
export const OBJECTIVE_ALERTS = [
  {
    id: 'GatewayErrorsHigh',
    severity: 'ticket',
    team: 'service',
    group: 'objectives',
    for: '5m',
    expression: missedNow('errors'),
    summary: 'The gateway fails more requests than the objective admits',
    description:
      '{{ $value | humanizePercentage }} of the requests in {{ $labels.namespace }} failed in the last 5 minutes.',
    runbook: {
      meaning:
        'The share of requests that failed is above the objective: answers of 5xx but for declared shedding, and streams that broke off. Probes do not count. ErrorsBurnFast wakes somebody when that eats the budget of the month.',
      impact: 'Requests fail. Clients that retry see delays, the others see errors.',
      firstLook: (service) => ({
        'Which routes fail': requestsByRoute(service, { status_class: '5xx' }),
        'Whether the upstream or a store is the cause':
          `sum by (outcome) (rate(${selectGateway(service.namespace, METRICS.upstreamAttempts)}[5m])) ` +
          `or sum by (store) (rate(${selectGateway(service.namespace, METRICS.storeErrors)}[5m]))`,
        'Whether streams break off': `sum by (lane) (rate(${selectGateway(service.namespace, METRICS.streamsCut)}[5m]))`,
        'What the gateway says': `${logs(service)} | grep 'request failed'`,
        'Whether a release is under way': kubectl(service, 'rollout history deployment/gateway'),
      }),
      fix: [
        'Failures since a release: go back with `kubectl rollout undo deployment/gateway --to-revision=N`, N being the last good revision.',
        'Failures of the upstream (502, 504): restore the upstream; the gateway needs nothing.',
        'Failures of a store (503): see StoreFailing.',
      ],
    },
    panel: 'error-ratio',
    dashboard: 'overview',
    ruleTestOnly: 'an experiment ends before requests have failed for five minutes',
  },
  {
    id: 'GatewayLatencyHigh',
    severity: 'ticket',
    team: 'service',
    group: 'objectives',
    for: '5m',
    expression: missedNow('latency'),
    summary: 'The 99th percentile of latency is above the objective',
    description:
      '{{ $value | humanizePercentage }} of the requests in {{ $labels.namespace }} took longer than the objective in the last 5 minutes; 1% may.',
    runbook: {
      meaning:
        'More than 1 % of the requests took longer than the objective of latency. Probes and refusals (4xx) do not count, and of answers of models only what the gateway adds. LatencyBurnFast wakes somebody when that eats the budget of the month.',
      impact: 'Users wait. Where clients time out, they also see errors and retry, which adds load.',
      firstLook: (service) => ({
        'Which routes are slow': slowestByRoute(service),
        'What the gateway adds to answers of models':
          'histogram_quantile(0.99, sum by (le) (rate(' +
          `${selectGateway(service.namespace, METRICS.aiOverhead, {}, '_bucket')}[5m])))`,
        'Whether attempts at the upstream run out of time': `sum by (outcome) (rate(${selectGateway(service.namespace, METRICS.upstreamAttempts)}[5m]))`,
        'Whether processors are the limit': kubectl(service, `top pods -l ${GATEWAY_PODS}`),
      }),
      fix: [
        'Slow upstream: restore the upstream. The cache goes on answering what it holds.',
        'Processors at their limit: raise `scaling.max`; until then `kubectl scale` is undone by the autoscaler.',
        'Slow since a release: go back as under GatewayErrorsHigh.',
      ],
    },
    panel: 'latency',
    dashboard: 'overview',
    experiment: 'upstream-slow',
  },
  ...burnAlerts('errors', {
    fast: 'ErrorsBurnFast',
    slow: 'ErrorsBurnSlow',
    summary: 'The budget of errors',
    what: 'Requests fail, as GatewayErrorsHigh tells',
    impact: 'Requests fail. Clients that retry see delays, the others see errors.',
    firstLook: (service) => ({
      'Which routes fail': requestsByRoute(service, { status_class: '5xx' }),
      'Whether a store is the cause': `sum by (store) (rate(${selectGateway(service.namespace, METRICS.storeErrors)}[5m]))`,
      'What the gateway says': `${logs(service)} | grep 'request failed'`,
    }),
    fix: [
      'Go by GatewayErrorsHigh: the release, the upstream, a store.',
      'It burns slowly and steadily: find the one route or answer that fails, and mend it before the next release.',
    ],
    panel: 'burn-rate',
    dashboard: 'overview',
    unrehearsed: 'no experiment breaks answers for as long as the windows are',
  }),
  ...burnAlerts('latency', {
    fast: 'LatencyBurnFast',
    slow: 'LatencyBurnSlow',
    summary: 'The budget of slow requests',
    what: 'Requests are slow, as GatewayLatencyHigh tells',
    impact: 'Users wait. Where clients time out, they also see errors and retry, which adds load.',
    firstLook: (service) => ({
      'Which routes are slow': slowestByRoute(service),
      'Whether attempts at the upstream run out of time': `sum by (outcome) (rate(${selectGateway(service.namespace, METRICS.upstreamAttempts)}[5m]))`,
      'Whether processors are the limit': kubectl(service, `top pods -l ${GATEWAY_PODS}`),
    }),
    fix: [
      'Go by GatewayLatencyHigh: the upstream, processors, the release.',
      'It burns slowly and steadily: find the one route that is slow, and give its answers a cache or an index.',
    ],
    panel: 'burn-rate',
    dashboard: 'overview',
    unrehearsed: 'the experiment of the slow upstream ends before an hour of budget is burnt',
  }),
  ...burnAlerts('availability', {
    fast: 'AvailabilityBurnFast',
    slow: 'AvailabilityBurnSlow',
    summary: 'The budget of time without a gateway',
    what: 'Again and again no pod of the gateway answers a scrape, each time perhaps too briefly for GatewayDown',
    impact: 'What is asked in that time gets no answer at all.',
    firstLook: (service) => ({
      'In which state the pods are': kubectl(service, `get pods -l ${GATEWAY_PODS} -o wide`),
      'Why they end': kubectl(service, 'get events --sort-by=.lastTimestamp'),
      'What the last container said': `${logs(service)} --previous`,
    }),
    fix: [
      'Pods end together: look for a wrong value that ends them at start, for memory, or for a node that went.',
      'Pods are Ready and are not scraped: a NetworkPolicy or the scrape configuration keeps Prometheus from the ops port.',
    ],
    panel: 'burn-rate',
    dashboard: 'overview',
    unrehearsed: 'no experiment takes every pod away: its blast radius would be the whole environment',
  }),
  ...burnAlerts('cache', {
    slow: 'CacheHitsBurnSlow',
    summary: 'The budget of look-ups that miss',
    what: 'The cache hits less than promised, and so for days',
    impact: 'Answers are slower and the upstream has more to do. Nothing fails.',
    firstLook: (service) => ({
      'What look-ups end in': `sum by (result) (rate(${selectGateway(service.namespace, METRICS.cacheLookups)}[1h]))`,
      'What happens to kept answers': `sum by (event) (rate(${selectGateway(service.namespace, METRICS.cacheEvents)}[1h]))`,
      'Which routes ask more than before': requestsByRoute(service),
    }),
    fix: [
      'Since a release: a new query parameter or header makes each answer another; look at `query` and `vary` of the route.',
      'More is evicted than before: raise `gateway.memory.cache` or `stores.redis.cache.memory`.',
      'Callers ask other things than they did: lower `slo.cacheHits`, or keep answers longer with `cacheFor`.',
    ],
    panel: 'burn-rate',
    dashboard: 'overview',
    unrehearsed: 'no experiment asks for new things for days',
  }),
  {
    id: 'BudgetRunsOut',
    severity: 'ticket',
    team: 'service',
    group: 'budgets',
    for: '1h',
    expression: budgetRunsOut,
    summary: 'The budget of an objective will be overdrawn within three days',
    description:
      'At the pace of the last day the objective {{ $labels.slo }} in {{ $labels.namespace }} will have {{ $value | humanizePercentage }} of its budget left in three days.',
    runbook: {
      meaning:
        'The line through the budget of the last day goes below zero within three days, or the budget is overdrawn already. What so few events took that chance decides is left out, as in alerts on its burn. Dashboards draw what is left.',
      impact: 'None yet beyond what the other alerts tell. What is promised for the month will not be held.',
      firstLook: (service) => ({
        'What is left of each budget': select(RECORDED.budgetLeft, { namespace: service.namespace }),
        'When it went': `deriv(${select(RECORDED.budgetLeft, { namespace: service.namespace })}[6h])`,
        'Which releases there were': kubectl(service, 'rollout history deployment/gateway'),
      }),
      fix: [
        'One incident took it: hold back risky releases until the window has left it behind.',
        'It goes day by day: go by the slow burn of the same objective, or promise less in `slo`.',
      ],
    },
    panel: 'budget-left',
    dashboard: 'overview',
    ruleTestOnly: 'no experiment burns the budget of a month',
  },
] as const satisfies readonly Alert[];
