import { runsAny, type Service } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import {
  breakerOpen,
  errorsAboveObjective,
  gatewayDown,
  latencyAboveObjective,
  poolNearLimit,
  requestsShed,
  storeFailing,
} from './expressions.ts';
import { GATEWAY_PODS, kubectl, logs, requestsByRoute } from './first-look.ts';
import { STORE_ALERTS } from './store-alerts.ts';

/** Name of an alert. */
export type AlertId = (typeof ALERTS)[number]['id'];

/** Every alert of the service. */
export const ALERTS = [
  {
    id: 'GatewayErrorsHigh',
    severity: 'page',
    for: '2m',
    expression: errorsAboveObjective,
    summary: 'The gateway answers more requests with 5xx than the objective admits',
    description:
      '{{ $value | humanizePercentage }} of the requests in {{ $labels.namespace }} were answered with 5xx in the last 5 minutes.',
    runbook: {
      meaning: 'The share of 5xx answers is above the objective of errors. Probes do not count.',
      impact: 'Requests fail. Clients that retry see delays, the others see errors.',
      firstLook: (service) => ({
        'Which routes fail': requestsByRoute(service, { status_class: '5xx' }),
        'Whether the upstream or a store is the cause':
          `sum by (outcome) (rate(${selectGateway(service.namespace, METRICS.upstreamAttempts)}[5m])) ` +
          `or sum by (store) (rate(${selectGateway(service.namespace, METRICS.storeErrors)}[5m]))`,
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
    ruleTestOnly: 'no experiment breaks answers on purpose; the one of the slow upstream must leave this alert silent',
  },
  {
    id: 'GatewayLatencyHigh',
    severity: 'page',
    for: '2m',
    expression: latencyAboveObjective,
    summary: 'The 99th percentile of latency is above the objective',
    description:
      'The slowest hundredth of the requests in {{ $labels.namespace }} took {{ $value | humanizeDuration }} or longer in the last 5 minutes.',
    runbook: {
      meaning:
        'More than 1 % of the requests took longer than the objective of latency. Probes, answers of models and refusals (4xx) do not count.',
      impact: 'Users wait. Where clients time out, they also see errors and retry, which adds load.',
      firstLook: (service) => ({
        'Which routes are slow':
          'histogram_quantile(0.99, sum by (route, le) (rate(' +
          `${selectGateway(service.namespace, METRICS.requestDuration, {}, '_bucket')}[5m])))`,
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
    experiment: 'upstream-slow',
  },
  {
    id: 'GatewayDown',
    severity: 'page',
    for: '1m',
    expression: gatewayDown,
    summary: 'No gateway pod can be reached',
    description: 'Prometheus reaches the ops port of no gateway pod in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'Every scrape of a gateway pod fails, or there is no such pod.',
      impact: 'The service is most likely down. If it answers, it runs unwatched: no other alert can fire.',
      firstLook: (service) => ({
        'Whether there are pods, and in which state': kubectl(service, `get pods -l ${GATEWAY_PODS} -o wide`),
        'Why pods do not start': kubectl(service, 'get events --sort-by=.lastTimestamp'),
        'What the last container said': `${logs(service)} --previous`,
      }),
      fix: [
        'No pods: look for a quota, a missing Secret or an image that cannot be pulled in the events.',
        'Pods crash: a wrong value ends the gateway at start with one sentence in its log; correct it.',
        'Pods are Ready: a NetworkPolicy or the scrape configuration keeps Prometheus from the ops port.',
      ],
    },
    panel: 'pods-up',
    ruleTestOnly: 'no experiment takes every pod away: its blast radius would be the whole environment',
  },
  {
    id: 'StoreFailing',
    severity: 'ticket',
    for: '5m',
    expression: storeFailing,
    summary: 'Calls of a store keep failing',
    description:
      '{{ $value | printf "%.2f" }} calls of {{ $labels.store }} a second fail or time out in {{ $labels.namespace }}.',
    runbook: {
      meaning:
        'The gateway cannot reach `redis` (limits and sessions), `redis-cache` or `postgres`, or they answer too late. `primary` is the store inside the pod, used where there is no Redis.',
      impact:
        'Without `redis` every worker counts limits for itself and sessions answer 503; without `redis-cache` caches share nothing. Without Postgres log-ins, orders and logs answer 503.',
      firstLook: (service) => ({
        'Which store, and how often': `sum by (store, pod) (rate(${selectGateway(service.namespace, METRICS.storeErrors)}[5m]))`,
        'Whether the stores run': kubectl(
          service,
          "get pods -l 'app.kubernetes.io/component in (redis, redis-cache, postgres)' -o wide",
        ),
        'What the gateway says about them': `${logs(service)} | grep -e redis -e postgres`,
      }),
      fix: [
        'The store does not run: restore its pod; a full volume or too little memory stand in its events.',
        'The store runs: compare its password with the Secret that the gateway mounts, and the NetworkPolicies with the pods.',
        'The store is slow: look for long statements in Postgres, and for commands over many keys in Redis.',
      ],
    },
    panel: 'store-errors',
    ruleTestOnly: 'no experiment cuts off a store',
  },
  {
    id: 'PostgresPoolNearLimit',
    severity: 'ticket',
    for: '10m',
    expression: poolNearLimit,
    summary: 'A pool of Postgres connections is nearly used up',
    description:
      'In the fullest pod of {{ $labels.namespace }}, {{ $value | humanizePercentage }} of the {{ $labels.lane }} connections are open.',
    runbook: {
      meaning: 'A pod has opened nearly all connections that its lane may have, and keeps them open.',
      impact: 'Soon requests of that lane wait for a connection and then answer 503. The other lane is not touched.',
      firstLook: (service) => ({
        'Which pods':
          `${selectGateway(service.namespace, METRICS.poolConnections)} / ` +
          selectGateway(service.namespace, METRICS.poolLimit),
        'Which routes ask more than before': requestsByRoute(service),
        'Which statements take long': kubectl(
          service,
          `exec postgres-0 -- psql -U ${service.name} -c 'select pid, now() - query_start, query from pg_stat_activity order by 2 desc limit 10'`,
        ),
      }),
      fix: [
        'Long statements: end them with `select pg_terminate_backend(pid)`, then give them an index.',
        'More load: raise `datastores.postgres.pools` and, if `sluice check` then refuses, `maxConnections`.',
      ],
    },
    panel: 'pool-use',
    ruleTestOnly: 'no experiment floods the database',
  },
  {
    id: 'BreakerOpen',
    severity: 'ticket',
    for: '2m',
    expression: breakerOpen,
    summary: 'The gateway leaves a dependency alone because it keeps failing',
    description:
      'In {{ $labels.namespace }}, the breaker of {{ $labels.breaker }} has not been closed for two minutes in {{ $value }} workers of a pod.',
    runbook: {
      meaning:
        'Calls of the dependency that the label `breaker` names failed so often that the gateway asks it no more, except for single probes.',
      impact:
        'What needs the dependency answers 503 at once, or does without it: `redis` means limits by the share of each process, `redis-cache` no shared cache; a stale answer is given where one is kept.',
      firstLook: (service) => ({
        'Which breaker, where': `${selectGateway(service.namespace, METRICS.breakersOpen)} > 0`,
        'How often it tried and failed again': `sum by (breaker, state) (increase(${selectGateway(service.namespace, METRICS.breakerTransitions)}[15m]))`,
        'What the gateway says': `${logs(service)} | grep breaker`,
      }),
      fix: [
        'Restore the dependency: the breaker finds out by itself within seconds and closes.',
        'The dependency is well: compare `slowCall` of its breaker with how long it really takes.',
      ],
    },
    panel: 'breakers',
    ruleTestOnly: 'the experiment of the slow upstream stays below the time that counts as slow',
  },
  {
    id: 'RequestsShed',
    severity: 'page',
    for: '2m',
    expression: requestsShed,
    summary: 'The gateway refuses requests because it has too much to do',
    description:
      '{{ $value | printf "%.2f" }} {{ $labels.lane }} requests a second are refused with 503 in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'The lane works on as many requests as it may, and its queue is full or was waited in too long.',
      impact: 'Refused callers see 503 with Retry-After. What is admitted is answered as fast as ever.',
      firstLook: (service) => ({
        'How full the lanes are': `${selectGateway(service.namespace, METRICS.laneInFlight)} / ${selectGateway(service.namespace, METRICS.laneLimit)}`,
        'Which routes ask more than before': requestsByRoute(service),
        'Whether more pods are coming': kubectl(service, 'get hpa gateway'),
      }),
      fix: [
        "More load: raise `scaling.max`, or a tier's limits down to what was agreed.",
        'Slow upstream or store: restore it; lanes fill because requests stay in them.',
        'Background only: it is meant to give way. Raise `resilience.lanes.background` when pods have room.',
      ],
    },
    panel: 'shed',
    ruleTestOnly: 'no experiment sends more than the gateway can do',
  },
  ...STORE_ALERTS,
] as const satisfies readonly Alert[];

/** The alerts of an environment: those that what it scrapes can tell. */
export function alertsOf(service: Service): readonly Alert[] {
  return (ALERTS as readonly Alert[]).filter(({ exporters }) => runsAny(service, exporters));
}
