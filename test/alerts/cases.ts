import type { AlertId } from '../../alerts/index.ts';
import { definition } from '../../service/definition/index.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { requests, series, type AlertCase } from './rule-test.ts';
import { STORE_CASES } from './store-cases.ts';

const NAMESPACE = definition.prod.namespace;
const OK = { route: 'search', status_class: '2xx' };
const FAILED = { route: 'search', status_class: '5xx' };
const REFUSED = { route: 'search', status_class: '4xx' };
const CRITICAL = { lane: 'critical' };

const answers = requests.bind(undefined, NAMESPACE);
const gauge = series.bind(undefined, NAMESPACE);

/** What promtool holds against each alert: situations in which it fires, and such in which it must not. */
export const CASES: Readonly<Record<AlertId, readonly AlertCase[]>> = {
  ...STORE_CASES,
  BreakerOpen: [
    {
      title: 'one worker has left the upstream alone for three minutes',
      input: gauge(METRICS.breakersOpen, { breaker: 'upstream-critical' }, '1x60'),
      at: '3m',
      fires: {
        labels: { breaker: 'upstream-critical' },
        description:
          'In sluice-prod, the breaker of upstream-critical has not been closed for two minutes in 1 workers of a pod.',
      },
    },
    {
      title: 'a breaker opened and closed again',
      input: gauge(METRICS.breakersOpen, { breaker: 'redis' }, '0x2 1x4 0x60'),
      at: '4m',
    },
    { title: 'every breaker is closed', input: gauge(METRICS.breakersOpen, { breaker: 'redis' }, '0x60'), at: '10m' },
  ],
  RequestsShed: [
    {
      title: 'three background requests of each scrape are refused',
      input: gauge(METRICS.shed, { lane: 'background' }, '0+3x60'),
      at: '10m',
      fires: {
        labels: { lane: 'background' },
        description: '0.20 background requests a second are refused with 503 in sluice-prod.',
      },
    },
    { title: 'one is refused now and then', input: gauge(METRICS.shed, CRITICAL, '0+1x60'), at: '10m' },
    { title: 'many were refused at once and none since', input: gauge(METRICS.shed, CRITICAL, '0x8 90x60'), at: '9m' },
  ],
  GatewayErrorsHigh: [
    {
      title: 'two requests of a thousand fail',
      input: { ...answers(OK, { 0.1: 998 }), ...answers(FAILED, { 0.1: 2 }) },
      at: '10m',
      fires: {
        labels: {},
        description: '0.2% of the requests in sluice-prod were answered with 5xx in the last 5 minutes.',
      },
    },
    {
      title: 'little traffic fails altogether',
      input: { ...answers(OK, {}), ...answers(FAILED, { 0.1: 1 }) },
      at: '10m',
      fires: {
        labels: {},
        description: '100% of the requests in sluice-prod were answered with 5xx in the last 5 minutes.',
      },
    },
    {
      title: 'one request of two thousand fails, within the objective',
      input: { ...answers(OK, { 0.1: 1999 }), ...answers(FAILED, { 0.1: 1 }) },
      at: '10m',
    },
    {
      title: 'one request fails in a quiet hour',
      input: { ...answers(OK, {}), ...gauge(METRICS.requestDuration, FAILED, '0x20 1x60', '_count') },
      at: '8m',
    },
    {
      title: 'requests fail for less than two minutes',
      input: { ...answers(OK, { 0.1: 90 }), ...answers(FAILED, { 0.1: 10 }) },
      at: '2m',
    },
    {
      title: 'refusals are no errors',
      input: { ...answers(OK, { 0.1: 10 }), ...answers(FAILED, {}), ...answers(REFUSED, { 0.1: 90 }) },
      at: '10m',
    },
    {
      title: 'only probes fail',
      input: { ...answers(OK, { 0.1: 10 }), ...answers({ ...FAILED, route: 'health' }, { 0.1: 10 }) },
      at: '10m',
    },
    {
      title: 'another namespace fails',
      input: { ...answers(OK, { 0.1: 90 }), ...requests('elsewhere', FAILED, { 0.1: 90 }) },
      at: '10m',
    },
  ],
  GatewayLatencyHigh: [
    {
      title: 'two requests of a hundred take longer than the objective',
      input: answers(OK, { 0.1: 98, 2.5: 2 }),
      at: '10m',
      fires: {
        labels: {},
        description: 'The slowest hundredth of the requests in sluice-prod took 1.75s or longer in the last 5 minutes.',
      },
    },
    {
      title: 'a flood of refusals hides no slow answer',
      input: { ...answers(OK, { 0.1: 98, 2.5: 2 }), ...answers(REFUSED, { 0.005: 10_000 }) },
      at: '10m',
      fires: {
        labels: {},
        description: 'The slowest hundredth of the requests in sluice-prod took 1.75s or longer in the last 5 minutes.',
      },
    },
    { title: 'every request takes just the objective', input: answers(OK, { 0.5: 100 }), at: '10m' },
    { title: 'one request of two hundred is slow', input: answers(OK, { 0.1: 199, 10: 1 }), at: '10m' },
    { title: 'every one of few requests is slow', input: answers(OK, { 10: 4 }), at: '10m' },
    {
      title: 'requests are slow for less than two minutes',
      input: answers(OK, { 0.1: 90, 10: 10 }),
      at: '2m',
    },
    {
      title: 'only answers of a model are slow',
      input: { ...answers(OK, { 0.1: 100 }), ...answers({ ...OK, route: 'chat' }, { 30: 100 }) },
      at: '10m',
    },
  ],
  GatewayDown: [
    {
      title: 'there is no pod',
      input: series('elsewhere', METRICS.up, {}, '1x60'),
      at: '2m',
      fires: {
        labels: { job: 'gateway' },
        description: 'Prometheus reaches the ops port of no gateway pod in sluice-prod.',
      },
    },
    {
      title: 'no pod answers',
      input: { ...gauge(METRICS.up, {}, '1x4 0x60'), ...gauge(METRICS.up, { pod: 'gateway-2' }, '1x4 0x60') },
      at: '3m',
      fires: {
        labels: { job: 'gateway' },
        description: 'Prometheus reaches the ops port of no gateway pod in sluice-prod.',
      },
    },
    {
      title: 'one of two pods answers',
      input: { ...gauge(METRICS.up, {}, '1x60'), ...gauge(METRICS.up, { pod: 'gateway-2' }, '0x60') },
      at: '10m',
    },
    { title: 'no pod answers for less than a minute', input: gauge(METRICS.up, {}, '1x4 0x2 1x20'), at: '1m45s' },
  ],
  StoreFailing: [
    {
      title: 'redis fails twice a scrape',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, '0+3x60'),
      at: '10m',
      fires: {
        labels: { store: 'redis' },
        description: '0.20 calls of redis a second fail or time out in sluice-prod.',
      },
    },
    {
      title: 'postgres fails while redis is well',
      input: {
        ...gauge(METRICS.storeErrors, { store: 'redis' }, '0x60'),
        ...gauge(METRICS.storeErrors, { store: 'postgres' }, '0+15x60'),
      },
      at: '10m',
      fires: {
        labels: { store: 'postgres' },
        description: '1.00 calls of postgres a second fail or time out in sluice-prod.',
      },
    },
    {
      title: 'a call fails now and then',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, '0+1x60'),
      at: '10m',
    },
    {
      title: 'redis has failed for less than five minutes',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, '0+3x60'),
      at: '5m',
    },
    {
      title: 'many calls fail at once and none after',
      input: gauge(METRICS.storeErrors, { store: 'redis' }, '0x8 500x60'),
      at: '8m',
    },
  ],
  PostgresPoolNearLimit: [
    {
      title: 'a pod has opened every connection of a lane',
      input: {
        ...gauge(METRICS.poolConnections, CRITICAL, '6x60'),
        ...gauge(METRICS.poolLimit, CRITICAL, '6x60'),
        ...gauge(METRICS.poolConnections, { ...CRITICAL, pod: 'gateway-2' }, '1x60'),
        ...gauge(METRICS.poolLimit, { ...CRITICAL, pod: 'gateway-2' }, '6x60'),
      },
      at: '12m',
      fires: {
        labels: CRITICAL,
        description: 'In the fullest pod of sluice-prod, 100% of the critical connections are open.',
      },
    },
    {
      title: 'four of six connections are open',
      input: { ...gauge(METRICS.poolConnections, CRITICAL, '4x60'), ...gauge(METRICS.poolLimit, CRITICAL, '6x60') },
      at: '12m',
    },
    {
      title: 'a pool has been full for less than ten minutes',
      input: {
        ...gauge(METRICS.poolConnections, CRITICAL, '6x60'),
        ...gauge(METRICS.poolLimit, CRITICAL, '6x60'),
      },
      at: '9m30s',
    },
  ],
};
