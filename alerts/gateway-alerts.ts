import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import { EXPLAINED, type Alert } from './alert.ts';
import {
  breakerOpen,
  gatewayDown,
  modelLimitsRefuse,
  poolNearLimit,
  providerLimitNear,
  scrapesFail,
  storeFailing,
} from './expressions.ts';
import { GATEWAY_PODS, kubectl, logs, requestsByRoute } from './first-look.ts';

/** Alerts on what the gateway meets: whether it is there, and how what it asks is doing. */
export const GATEWAY_ALERTS = [
  {
    id: 'GatewayDown',
    severity: 'page',
    team: 'service',
    group: 'causes',
    for: '1m',
    keepFiring: EXPLAINED,
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
    dashboard: 'overview',
    ruleTestOnly: 'no experiment takes every pod away: its blast radius would be the whole environment',
  },
  {
    id: 'GatewayScrapesFail',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '5m',
    expression: scrapesFail,
    summary: 'Prometheus reaches some pods of the gateway and others not',
    description: 'Prometheus does not reach {{ $value }} pods of the gateway in {{ $labels.namespace }}.',
    runbook: {
      meaning:
        'Scrapes of some pods fail while those of others succeed: pods hang, or something keeps Prometheus from them.',
      impact: 'What those pods do is in no panel and no alert. If they hang, requests to them do too.',
      firstLook: (service) => ({
        'Which ones': `${selectGateway(service.namespace, METRICS.up)} == 0`,
        'In which state they are': kubectl(service, `get pods -l ${GATEWAY_PODS} -o wide`),
        'What they say': logs(service),
      }),
      fix: [
        'A pod hangs: take it away with `kubectl delete pod`; another takes its place first if the budget of disruptions says so.',
        'All of one node: the network of the node; drain it.',
        'The pods are well: compare the NetworkPolicy of the ops port with where Prometheus runs.',
      ],
    },
    panel: 'pods-up',
    dashboard: 'overview',
    ruleTestOnly: 'no experiment keeps Prometheus from a pod',
  },
  {
    id: 'StoreFailing',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
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
    dashboard: 'stores',
    ruleTestOnly: 'an experiment ends before calls of a store have failed for five minutes',
  },
  {
    id: 'PostgresPoolNearLimit',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
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
    dashboard: 'stores',
    ruleTestOnly: 'no experiment floods the database',
  },
  {
    id: 'BreakerOpen',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
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
        'The dependency is well, and nothing asks for it: a breaker closes by a call that succeeds; after five minutes without one this alert resolves.',
        'The dependency is well, and is asked: compare `slowCall` of its breaker with how long it really takes.',
      ],
    },
    panel: 'breakers',
    dashboard: 'upstreams',
    experiment: 'upstream-erroring',
  },
  {
    id: 'ProviderLimitNear',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '5m',
    expression: providerLimitNear,
    summary: 'The provider of models admits little more',
    description:
      '{{ $value | humanizePercentage }} of the {{ $labels.resource }} that the provider of {{ $labels.model }} admits are left in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'Answers of the provider say that most of what it admits in its window is used, again and again.',
      impact: 'None yet. Beyond the limit the provider answers 429, and so does the gateway.',
      firstLook: (service) => ({
        'What it admits and what is left':
          `${selectGateway(service.namespace, METRICS.providerRemaining)} / ` +
          selectGateway(service.namespace, METRICS.providerLimit),
        'Which models use it': `sum by (model, token_type) (rate(${selectGateway(service.namespace, METRICS.aiTokens, {}, '_sum')}[5m]))`,
        'Which tiers ask': `sum by (decision) (rate(${selectGateway(service.namespace, METRICS.limitDecisions)}[5m]))`,
        'What the gateway says': `${logs(service)} | grep 429`,
      }),
      fix: [
        'It is what was agreed: ask the provider for more, or lower the limits of tiers in `limits.tiers`.',
        'One caller or model takes it: limit that one, or answer repeated questions from the cache.',
      ],
    },
    panel: 'provider-limit',
    dashboard: 'ai',
    ruleTestOnly: 'no experiment spends the tokens of a provider',
  },
  {
    id: 'ModelLimitsRefuse',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '10m',
    expression: modelLimitsRefuse,
    summary: 'Limits of a model refuse many of its requests',
    description:
      '{{ $value | humanizePercentage }} of the requests for {{ $labels.model }} in {{ $labels.namespace }} are refused by the limits of its provider.',
    runbook: {
      meaning:
        "Callers ask more of a model than `ai.providers` says that its provider admits, or more of them wait than `ai.queue` has places for. The callers' own limits are not counted here.",
      impact: 'Those requests are answered with 429 and the time to wait; nothing of them reaches the provider.',
      firstLook: (service) => ({
        'Which limit': `sum by (model, limit) (rate(${selectGateway(service.namespace, METRICS.aiRefusals)}[5m]))`,
        'How long others wait': `histogram_quantile(0.95, sum by (model, le) (rate(${selectGateway(service.namespace, METRICS.aiWait, {}, '_bucket')}[5m])))`,
        'How many times more is reserved than used':
          `sum by (model) (rate(${selectGateway(service.namespace, METRICS.aiReserved)}[5m])) / ` +
          `sum by (model) (rate(${selectGateway(service.namespace, METRICS.aiTokens, {}, '_sum')}[5m]))`,
        'What the gateway says': `${logs(service)} | grep 429`,
      }),
      fix: [
        'The provider admits more by now: raise `requests` and `tokens` of the model in `ai.providers`.',
        'Another provider has the model too: name both in `ai.steps`, and the second is asked where the first is full.',
        'Far more is reserved than used: have clients say how long an answer may become (`max_tokens`).',
        'One caller takes it: give callers tokens of their own in `ai.tokens`.',
      ],
    },
    panel: 'ai-refusals',
    dashboard: 'ai',
    ruleTestOnly: 'no experiment asks more of a model than its provider admits',
  },
] as const satisfies readonly Alert[];
