import type { Metric } from '../metric.ts';

/** Lanes, breakers, the upstream and the stores. */
export const PROTECTION_METRICS = {
  laneInFlight: {
    name: 'gateway_lane_in_flight',
    type: 'gauge',
    help: 'Requests that a lane works on.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  laneQueued: {
    name: 'gateway_lane_queued',
    type: 'gauge',
    help: 'Requests that wait for their turn in a lane.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  laneLimit: {
    name: 'gateway_lane_in_flight_limit',
    type: 'gauge',
    help: 'Requests that a lane may work on at once.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  shed: {
    name: 'gateway_requests_shed_total',
    type: 'counter',
    help: 'Requests refused because there was too much to do, by lane and by what was full.',
    labels: ['lane', 'reason'],
    exporter: 'gateway',
  },
  streams: {
    name: 'gateway_streams_active',
    type: 'gauge',
    help: 'Streamed answers under way.',
    labels: [],
    exporter: 'gateway',
  },
  breakersOpen: {
    name: 'gateway_breakers_open',
    type: 'gauge',
    help: 'Worker processes whose breaker lets nothing or only probes through.',
    labels: ['breaker'],
    exporter: 'gateway',
  },
  breakerTransitions: {
    name: 'gateway_breaker_transitions_total',
    type: 'counter',
    help: 'Changes of a breaker into a state.',
    labels: ['breaker', 'state'],
    exporter: 'gateway',
  },
  upstreamAttempts: {
    name: 'gateway_upstream_attempts_total',
    type: 'counter',
    help: 'Attempts at the upstream by outcome.',
    labels: ['outcome'],
    exporter: 'gateway',
  },
  storeErrors: {
    name: 'gateway_store_errors_total',
    type: 'counter',
    help: 'Failed or timed out calls of a store.',
    labels: ['store'],
    exporter: 'gateway',
  },
  poolConnections: {
    name: 'gateway_postgres_pool_connections',
    type: 'gauge',
    help: 'Open connections to Postgres by lane.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  poolLimit: {
    name: 'gateway_postgres_pool_connections_limit',
    type: 'gauge',
    help: 'Connections to Postgres that a lane may open in this pod.',
    labels: ['lane'],
    exporter: 'gateway',
  },
  poolWaiting: {
    name: 'gateway_postgres_pool_waiting',
    type: 'gauge',
    help: 'Queries that wait for a connection to Postgres by lane.',
    labels: ['lane'],
    exporter: 'gateway',
  },
} as const satisfies Readonly<Record<string, Metric>>;
