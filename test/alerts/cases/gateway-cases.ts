import type { GATEWAY_ALERTS } from '../../../alerts/gateway-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted, held, series, together, type InputSeries } from '../samples.ts';
import { gauge } from './inputs.ts';

const CRITICAL = { lane: 'critical' };
const SECOND = { pod: 'gateway-2' };

/** Requests for a model of which so many of each sample are refused by a limit, for a quarter of an hour, and admitted. */
const refusals = (limit: string, refused: number, admitted: number): InputSeries =>
  together(
    gauge(METRICS.aiRefusals, { model: 'deepseek-chat', limit }, counted([15, refused], [45, 0])),
    gauge(METRICS.aiWait, { model: 'deepseek-chat' }, counted([60, admitted]), '_count'),
  );

/** Situations of what the gateway meets. */
export const GATEWAY_CASES: CasesOf<typeof GATEWAY_ALERTS> = {
  GatewayDown: [
    {
      title: 'there is no pod',
      input: series('elsewhere', METRICS.up, {}, held([15, 1])),
      at: '2m',
      fires: {
        labels: { job: 'gateway' },
        description: 'Prometheus reaches the ops port of no gateway pod in sluice-prod.',
      },
    },
    {
      title: 'no pod answers for two minutes, and it goes on until the availability of that time is forgotten',
      input: together(
        gauge(METRICS.up, {}, held([1, 1], [2, 0], [20, 1])),
        gauge(METRICS.up, SECOND, held([1, 1], [2, 0], [20, 1])),
      ),
      before: '1m45s',
      at: '7m45s',
      fires: {
        labels: { job: 'gateway' },
        description: 'Prometheus reaches the ops port of no gateway pod in sluice-prod.',
      },
      over: '8m15s',
    },
    {
      title: 'one of two pods answers',
      input: together(gauge(METRICS.up, {}, held([15, 1])), gauge(METRICS.up, SECOND, held([15, 0]))),
      at: '10m',
    },
    {
      title: 'no pod answers for less than a minute',
      input: gauge(METRICS.up, {}, held([1, 1], [0.75, 0], [10, 1])),
      at: '2m',
    },
  ],
  GatewayScrapesFail: [
    {
      title: 'one of two pods does not answer for ten minutes',
      input: together(gauge(METRICS.up, {}, held([30, 1])), gauge(METRICS.up, SECOND, held([2, 1], [10, 0], [10, 1]))),
      before: '6m45s',
      at: '7m',
      fires: {
        labels: { job: 'gateway' },
        description: 'Prometheus does not reach 1 pods of the gateway in sluice-prod.',
      },
      over: '12m15s',
    },
    { title: 'all answer', input: gauge(METRICS.up, {}, held([15, 1])), at: '10m' },
    { title: 'none answers, which GatewayDown tells', input: gauge(METRICS.up, {}, held([15, 0])), at: '10m' },
  ],
  StoreFailing: [
    {
      title: 'redis fails three times a scrape',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, counted([2, 0], [20, 3], [20, 0])),
      before: '9m15s',
      at: '15m',
      fires: {
        labels: { store: 'redis' },
        description: '0.20 calls of redis a second fail or time out in sluice-prod.',
      },
      over: '26m',
    },
    {
      title: 'postgres fails while redis is well',
      input: together(
        gauge(METRICS.storeErrors, { store: 'redis' }, counted([15, 0])),
        gauge(METRICS.storeErrors, { store: 'postgres' }, counted([15, 15])),
      ),
      at: '11m',
      fires: {
        labels: { store: 'postgres' },
        description: '1.00 calls of postgres a second fail or time out in sluice-prod.',
      },
    },
    {
      title: 'a call fails now and then',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, counted([15, 1])),
      at: '12m',
    },
    {
      title: 'many calls fail at once and none after',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, counted([2, 0], [0.25, 500], [15, 0])),
      at: '7m',
    },
  ],
  PostgresPoolNearLimit: [
    {
      title: 'a pod has opened every connection of a lane for a quarter of an hour',
      input: together(
        gauge(METRICS.poolConnections, CRITICAL, held([2, 1], [15, 6], [10, 1])),
        gauge(METRICS.poolLimit, CRITICAL, held([30, 6])),
        gauge(METRICS.poolConnections, { ...CRITICAL, ...SECOND }, held([30, 1])),
        gauge(METRICS.poolLimit, { ...CRITICAL, ...SECOND }, held([30, 6])),
      ),
      before: '11m45s',
      at: '12m',
      fires: {
        labels: CRITICAL,
        description: 'In the fullest pod of sluice-prod, 100% of the critical connections are open.',
      },
      over: '17m15s',
    },
    {
      title: 'four of six connections are open',
      input: together(
        gauge(METRICS.poolConnections, CRITICAL, held([15, 4])),
        gauge(METRICS.poolLimit, CRITICAL, held([15, 6])),
      ),
      at: '14m',
    },
  ],
  BreakerOpen: [
    {
      title: 'one worker leaves the upstream alone for four minutes',
      input: gauge(METRICS.breakersOpen, { breaker: 'upstream-critical' }, held([1, 0], [4, 1], [10, 0])),
      before: '2m45s',
      at: '3m',
      fires: {
        labels: { breaker: 'upstream-critical' },
        description:
          'In sluice-prod, the breaker of upstream-critical has not been closed for two minutes in 1 workers of a pod.',
      },
      over: '5m15s',
    },
    {
      title: 'a breaker opened and closed again',
      input: gauge(METRICS.breakersOpen, { breaker: 'redis' }, held([1, 0], [1, 1], [10, 0])),
      at: '4m',
    },
    {
      title: 'every breaker is closed',
      input: gauge(METRICS.breakersOpen, { breaker: 'redis' }, held([15, 0])),
      at: '10m',
    },
  ],
  ProviderLimitNear: [
    {
      title: 'a twentieth of the tokens is left for ten minutes',
      input: together(
        gauge(METRICS.providerLimit, { model: 'deepseek-chat', resource: 'tokens' }, held([30, 1000])),
        gauge(
          METRICS.providerRemaining,
          { model: 'deepseek-chat', resource: 'tokens' },
          held([2, 900], [10, 50], [10, 900]),
        ),
      ),
      before: '6m45s',
      at: '7m',
      fires: {
        labels: { model: 'deepseek-chat', resource: 'tokens' },
        description: '5% of the tokens that the provider of deepseek-chat admits are left in sluice-prod.',
      },
      over: '12m15s',
    },
    {
      title: 'the provider has not said what it admits',
      input: together(
        gauge(METRICS.providerLimit, { model: 'deepseek-chat', resource: 'tokens' }, held([30, 0])),
        gauge(METRICS.providerRemaining, { model: 'deepseek-chat', resource: 'tokens' }, held([30, 0])),
      ),
      at: '15m',
    },
  ],
  ModelLimitsRefuse: [
    {
      title: 'the tokens of a model are used up for one request of ten',
      input: refusals('tokens', 1, 9),
      before: '10m',
      at: '12m',
      fires: {
        labels: { model: 'deepseek-chat' },
        description: '10% of the requests for deepseek-chat in sluice-prod are refused by the limits of its provider.',
      },
      over: '40m',
    },
    { title: 'one request of fifty is refused', input: refusals('requests', 1, 49), at: '25m' },
    { title: "callers' own limits refuse one of two", input: refusals('caller-tokens', 5, 5), at: '25m' },
  ],
};
