import { balancerOf, toMilliseconds, type Service } from '../../../service/definition/index.ts';
import { compared, counted, type Comparison } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { above, below, seconds, timeOf } from '../time.ts';

/** Every rung gives up before the one above it: attempts, upstream budget, route, gateway, balancer. */
export const requestLadder: Invariant = {
  id: 'request-ladder',
  layers: ['upstream', 'gateway', 'balancer'],
  reason:
    'Whoever gives up first writes the answer. When an outer rung is shorter, the client gets a bare 502 or 504, ' +
    'the inner work goes on for nobody, and retries multiply it.',
  formula: 'attempts × attempt timeout + waits ≤ upstream budget < route timeout ≤ gateway timeout < balancer timeout',
  example: { settings: ['balancer.requestTimeout=60s'] },
  ...compared((service) => [
    attemptsFitBudget(service),
    ...upstreamRoutesOutlastBudget(service),
    ...routesFitGateway(service),
    gatewayFitsBalancer(service),
    ...streamsFitBalancer(service),
  ]),
};

function attemptsFitBudget({ upstream }: Service): Comparison {
  const { attempts } = upstream;
  const attempt = toMilliseconds(upstream.attemptTimeout);
  const backoff = toMilliseconds(upstream.backoff);
  const budget = timeOf('upstream.budget', upstream.budget);
  const total = attempts * attempt + (attempts - 1) * backoff;
  const affordable = (budget.value - (attempts - 1) * backoff) / attempts;
  return {
    path: 'upstream.attempts',
    left: {
      value: total,
      text: `${counted(attempts, 'attempt')} × ${seconds(attempt)} + ${counted(attempts - 1, 'wait')} × ${seconds(backoff)} = ${seconds(total)}`,
    },
    required: '<=',
    right: budget,
    unit: 'ms',
    fixes: [
      [`upstream.budget=${seconds(total)}`],
      [`upstream.attempts=${Math.floor((budget.value + backoff) / (attempt + backoff))}`],
      affordable > 0 ? [`upstream.attemptTimeout=${Math.floor(affordable)}ms`] : undefined,
    ],
  };
}

function upstreamRoutesOutlastBudget({ upstream, routes }: Service): Comparison[] {
  const budget = timeOf('upstream.budget', upstream.budget);
  const calling = routeTimes(routes).filter(({ id }) => routes[id]?.upstream);
  const shortest = calling.at(-1);
  if (!shortest) return [];
  return [
    {
      path: 'upstream.budget',
      left: budget,
      required: '<',
      right: {
        value: shortest.time,
        text: `${seconds(shortest.time)} routes.${shortest.id}.timeout, the shortest of those that call the upstream`,
      },
      unit: 'ms',
      fixes: [
        calling
          .filter(({ time }) => time <= budget.value)
          .map(({ id }) => `routes.${id}.timeout=${above(budget.value)}`),
        [`upstream.budget=${below(shortest.time)}`],
      ],
    },
  ];
}

function routesFitGateway({ gateway, routes }: Service): Comparison[] {
  const limit = timeOf('gateway.requestTimeout', gateway.requestTimeout);
  const times = routeTimes(routes);
  const longest = times[0];
  if (!longest) return [];
  return [
    {
      path: 'gateway.requestTimeout',
      left: { value: longest.time, text: `${seconds(longest.time)} routes.${longest.id}.timeout, the longest` },
      required: '<=',
      right: limit,
      unit: 'ms',
      fixes: [
        [`gateway.requestTimeout=${seconds(longest.time)}`],
        times
          .filter(({ time }) => time > limit.value)
          .map(({ id }) => `routes.${id}.timeout=${gateway.requestTimeout}`),
      ],
    },
  ];
}

function gatewayFitsBalancer({ gateway, balancer }: Service): Comparison {
  const left = timeOf('gateway.requestTimeout', gateway.requestTimeout);
  const right = timeOf('balancer.requestTimeout', balancer.requestTimeout);
  return {
    path: 'balancer.requestTimeout',
    left,
    required: '<',
    right,
    unit: 'ms',
    fixes: [[`gateway.requestTimeout=${below(right.value)}`], [`balancer.requestTimeout=${above(left.value)}`]],
  };
}

/**
 * A balancer that counts the whole time of a request cuts streams too, unless they have a timeout of their own. One
 * that counts silence does not: the gateway sends nothing of its own into a stream, but gives up on one whose source
 * was silent for `upstream.budget`, which the other rungs keep below the balancer's timeout.
 */
function streamsFitBalancer({ gateway, balancer, ingress, routes }: Service): Comparison[] {
  const behaviour = balancerOf(ingress);
  const streaming = Object.values(routes).some(({ streams }) => streams === true);
  if (!streaming || behaviour?.counts !== 'total' || behaviour.streamTimeout) return [];
  const left = timeOf('gateway.streamTimeout', gateway.streamTimeout);
  const right = timeOf(
    `balancer.requestTimeout, of which '${ingress.class}' has one for streams too`,
    balancer.requestTimeout,
  );
  return [
    {
      path: 'gateway.streamTimeout',
      left,
      required: '<',
      right,
      unit: 'ms',
      fixes: [[`balancer.requestTimeout=${above(left.value)}`], [`gateway.streamTimeout=${below(right.value)}`]],
    },
  ];
}

/** Routes by their time, the longest first. */
function routeTimes(routes: Service['routes']): { readonly id: string; readonly time: number }[] {
  return Object.entries(routes)
    .map(([id, { timeout }]) => ({ id, time: toMilliseconds(timeout) }))
    .sort((a, b) => b.time - a.time);
}
