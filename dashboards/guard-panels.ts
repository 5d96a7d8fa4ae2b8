import { toSeconds } from '../service/definition/index.ts';
import { METRICS, type Metric } from '../service/telemetry/catalogue.ts';
import { above, increase, max, series, sum, type Expression } from '../service/telemetry/expression/index.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';

/** Panels of what the guard says of itself: where it is with a release, how it ended, and whether it can do its work. */
export const GUARD_PANELS = [
  {
    id: 'release-phase',
    title: 'Where the guard is',
    description:
      'Where the guard is with the newest release: watching is the window, rolling-back and verifying are a restore.',
    unit: 'short',
    kind: 'names',
    exporters: ['guard'],
    queries: () => [above(max(['namespace', 'phase'], series(METRICS.releasePhase)), 0)],
    legends: ['{{phase}}'],
  },
  {
    id: 'release-outcome',
    title: 'How it ended',
    description:
      'How the guard ended with the newest release; nothing while it is still judged. Failed, refused, inconclusive and dry-run are for people.',
    unit: 'short',
    kind: 'names',
    exporters: ['guard'],
    queries: () => [above(max(['namespace', 'outcome'], series(METRICS.releaseOutcome)), 0)],
    legends: ['{{outcome}}'],
  },
  {
    id: 'release-held',
    title: 'Held back',
    description: 'Releases in quarantine, which may not be deployed again; frozen is 1 while people hold the guard.',
    unit: 'short',
    kind: 'stat',
    exporters: ['guard'],
    queries: () => [highest(METRICS.releaseQuarantined), highest(METRICS.releaseFrozen)],
    legends: ['quarantined', 'frozen'],
  },
  {
    id: 'release-times',
    title: 'The last rollback',
    description:
      'From the first sign of trouble to the decision, and to full health on the release before; red beyond `release.restoreDeadline`.',
    unit: 's',
    kind: 'stat',
    exporters: ['guard'],
    queries: () => [highest(METRICS.releaseDetection), highest(METRICS.releaseRestore)],
    legends: ['decided', 'restored'],
    threshold: ({ release }) => ({ value: toSeconds(release.restoreDeadline), bad: 'above' }),
  },
  {
    id: 'release-window',
    title: 'Windows',
    description: 'The release whose window runs, by the hash of its pods: outside it no rule judges a release.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [max(['namespace', 'pod_template_hash'], series(METRICS.releaseWatched))],
    legends: ['{{pod_template_hash}}'],
  },
  {
    id: 'release-outcomes',
    title: 'Endings',
    description: 'How the guard ended with releases, when it did.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [sum(['namespace', 'outcome'], increase(series(METRICS.releaseOutcomes)))],
    legends: ['{{outcome}}'],
  },
  {
    id: 'guard-leads',
    title: 'Guards that lead',
    description: 'One of the guards leads, and another follows when it ends; below the line nobody judges releases.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [sum(['namespace'], series(METRICS.guardLeads))],
    legends: ['leading'],
    threshold: () => ({ value: 1, bad: 'below' }),
  },
  {
    id: 'guard-signs',
    title: 'Signs of life at the guard',
    description:
      'Since the guard last had the Watchdog of Alertmanager, and an answer of Prometheus; above the line it is blind.',
    unit: 's',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [max(['namespace', 'of'], series(METRICS.guardSignsAge))],
    legends: ['{{of}}'],
    threshold: ({ release }) => ({ value: toSeconds(release.guard.silence), bad: 'above' }),
  },
  {
    id: 'guard-webhooks',
    title: 'What Alertmanager tells the guard',
    description: 'Deliveries by what became of them; a refused one has the wrong token, form or labels.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [sum(['namespace', 'result'], increase(series(METRICS.guardWebhooks)))],
    legends: ['{{result}}'],
  },
  {
    id: 'guard-probes',
    title: 'Synthetic requests',
    description: 'What the guard asks each version by itself, so that few users are enough to tell a bad release.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [sum(['namespace', 'to', 'result'], increase(series(METRICS.guardProbes)))],
    legends: ['{{to}} {{result}}'],
  },
  {
    id: 'guard-errors',
    title: 'What the guard could not do',
    description: 'Readings, notes, acts, messages and leases that failed; each is tried again.',
    unit: 'short',
    kind: 'timeseries',
    exporters: ['guard'],
    queries: () => [sum(['namespace', 'doing'], increase(series(METRICS.guardErrors)))],
    legends: ['{{doing}}'],
  },
] as const satisfies readonly Panel[];

/** What the guard that leads says; the others say 0. */
function highest(metric: Metric): Expression {
  return max(['namespace'], series(metric));
}
