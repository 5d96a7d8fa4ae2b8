import type { Metric } from '../metric.ts';

/**
 * What the guard tells, which withdraws bad releases. Of several guards the one that leads tells of releases; the others
 * tell 0, or no series where a label names what is watched.
 */
export const GUARD_METRICS = {
  releaseWatched: {
    name: 'gateway_release_watched',
    type: 'gauge',
    help: '1 while the window of a release runs, by the hash of its pods: one series at a time, and else none.',
    labels: ['pod_template_hash'],
    exporter: 'guard',
  },
  releasePhase: {
    name: 'gateway_release_phase',
    type: 'gauge',
    help: '1 for where the guard is with the newest release, 0 for everything else.',
    labels: ['phase'],
    values: {
      phase: ['idle', 'watching', 'deciding', 'rolling-back', 'verifying', 'done', 'inconclusive', 'refused'],
    },
    exporter: 'guard',
  },
  releaseOutcome: {
    name: 'gateway_release_outcome',
    type: 'gauge',
    help: '1 for how it ended with the newest release, also for a guard that starts later; 0 for everything else.',
    labels: ['outcome'],
    values: { outcome: ['proven', 'superseded', 'restored', 'failed', 'refused', 'inconclusive', 'dry-run'] },
    exporter: 'guard',
  },
  releaseOutcomes: {
    name: 'gateway_release_outcomes_total',
    type: 'counter',
    help: 'Releases by how it ended with them.',
    labels: ['outcome'],
    values: { outcome: ['proven', 'superseded', 'restored', 'failed', 'refused', 'inconclusive', 'dry-run'] },
    exporter: 'guard',
  },
  releaseDetection: {
    name: 'gateway_release_detection_seconds',
    type: 'gauge',
    help: 'From the first sign that the guard knows of to its decision, of the last rollback: the start of the alert, less the time that it had to hold; 0 before the first.',
    labels: [],
    exporter: 'guard',
  },
  releaseRestore: {
    name: 'gateway_release_restore_seconds',
    type: 'gauge',
    help: 'From the same sign until the last bad pod served nobody, of the last rollback; 0 before the first.',
    labels: [],
    exporter: 'guard',
  },
  releaseQuarantined: {
    name: 'gateway_release_quarantined',
    type: 'gauge',
    help: 'Releases that may not be deployed again until a person allows it.',
    labels: [],
    exporter: 'guard',
  },
  releaseFrozen: {
    name: 'gateway_release_frozen',
    type: 'gauge',
    help: 'Whether a person has told the guard to keep its hands off.',
    labels: [],
    exporter: 'guard',
  },
  guardLeads: {
    name: 'gateway_guard_leads',
    type: 'gauge',
    help: 'Whether this guard decides; of several one does.',
    labels: [],
    exporter: 'guard',
  },
  guardWebhooks: {
    name: 'gateway_guard_webhooks_total',
    type: 'counter',
    help: 'Deliveries of Alertmanager by what became of them; truncated: taken, and Alertmanager had left alerts out.',
    labels: ['result'],
    values: { result: ['accepted', 'duplicate', 'truncated', 'refused', 'busy'] },
    exporter: 'guard',
  },
  guardProbes: {
    name: 'gateway_guard_probes_total',
    type: 'counter',
    help: 'Synthetic requests of the guard by whose pods they went to and how they ended.',
    labels: ['to', 'result'],
    values: { to: ['release', 'previous', 'withdrawn'], result: ['ok', 'error'] },
    exporter: 'guard',
  },
  guardSignsAge: {
    name: 'gateway_guard_signs_age_seconds',
    type: 'gauge',
    help: 'Since the guard last had the Watchdog of Alertmanager, or an answer of Prometheus; before the first, since it leads.',
    labels: ['of'],
    values: { of: ['watchdog', 'prometheus'] },
    exporter: 'guard',
  },
  guardErrors: {
    name: 'gateway_guard_errors_total',
    type: 'counter',
    help: 'What the guard tried and could not do.',
    labels: ['doing'],
    values: { doing: ['read', 'store', 'act', 'tell', 'lease'] },
    exporter: 'guard',
  },
} as const satisfies Readonly<Record<string, Metric>>;
