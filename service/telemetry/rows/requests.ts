import type { Metric } from '../metric.ts';

/** Bucket edges of request latency; thresholds of SLOs and alerts are edges, so that no rule interpolates. */
export const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2.5, 5, 10, 30, 60] as const;

/** Requests, and what cache and limits made of them. */
export const REQUEST_METRICS = {
  requestDuration: {
    name: 'http_server_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the last header of a request to the last byte of its answer.',
    labels: ['route', 'method', 'status_class', 'lane'],
    buckets: LATENCY_BUCKETS,
    exporter: 'gateway',
  },
  activeRequests: {
    name: 'http_server_active_requests',
    type: 'gauge',
    help: 'Requests in flight.',
    labels: [],
    exporter: 'gateway',
  },
  activeConnections: {
    name: 'gateway_connections_active',
    type: 'gauge',
    help: 'Connections of clients that are open, busy or not.',
    labels: [],
    exporter: 'gateway',
  },
  cacheLookups: {
    name: 'gateway_cache_lookups_total',
    type: 'counter',
    help: 'Look-ups in the response cache by result.',
    labels: ['result'],
    exporter: 'gateway',
  },
  cacheHits: {
    name: 'gateway_cache_hits_total',
    type: 'counter',
    help: 'Look-ups that a kept answer ended, fresh or stale: kept in memory (l1), or in what processes share (l2).',
    labels: ['level'],
    exporter: 'gateway',
  },
  cacheEvents: {
    name: 'gateway_cache_events_total',
    type: 'counter',
    help: 'What happened in the response cache beside look-ups.',
    labels: ['event'],
    exporter: 'gateway',
  },
  cacheBytes: {
    name: 'gateway_cache_bytes',
    type: 'gauge',
    help: 'Bytes of answers in the memory of the workers.',
    labels: [],
    exporter: 'gateway',
  },
  limitDecisions: {
    name: 'gateway_limit_decisions_total',
    type: 'counter',
    help: 'Requests by what the limits decided.',
    labels: ['decision'],
    exporter: 'gateway',
  },
  limitDenials: {
    name: 'gateway_limit_denials_total',
    type: 'counter',
    help: 'Requests that a limit denied, by limit.',
    labels: ['limit'],
    exporter: 'gateway',
  },
  limitShadowDenials: {
    name: 'gateway_limit_shadow_denials_total',
    type: 'counter',
    help: 'Requests that a limit in shadow mode would have denied, by limit.',
    labels: ['limit'],
    exporter: 'gateway',
  },
  limitForecast: {
    name: 'gateway_limit_forecast_requests',
    type: 'gauge',
    help: 'Requests that an adaptive limit expects in the minute 15 minutes ahead.',
    labels: ['limit'],
    exporter: 'gateway',
  },
  limitsAdapting: {
    name: 'gateway_limits_adapting',
    type: 'gauge',
    help: 'Worker processes in which a forecast moves the limit.',
    labels: ['limit'],
    exporter: 'gateway',
  },
  limitTrips: {
    name: 'gateway_limit_store_trips_total',
    type: 'counter',
    help: 'Calls of the shared store of limits; one carries the requests of a whole turn.',
    labels: [],
    exporter: 'gateway',
  },
} as const satisfies Readonly<Record<string, Metric>>;
