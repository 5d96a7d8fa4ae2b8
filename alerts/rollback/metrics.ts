import { Counter, Gauge, Registry } from 'prom-client';
import { METRICS, type Metric } from '../../service/telemetry/catalogue.ts';
import type { Timings } from './record.ts';
import type { Outcome, Signs, State } from './state.ts';

/** What a guard tells of itself at one look. */
export type Shown = {
  /** Since when it leads, in milliseconds since 1970; absent: it does not, and tells nothing of releases. */
  readonly leadsSince?: number | undefined;
  readonly state: State;
  readonly signs: Signs;
  readonly quarantined: number;
  readonly frozen: boolean;
  /** Of the last rollback; absent: there was none, or it is not over. */
  readonly timings?: Timings | undefined;
};

/** What the guard tells Prometheus. */
export type GuardMetrics = {
  /** The text of all series. */
  readonly read: () => Promise<string>;
  readonly show: (shown: Shown | undefined) => void;
  readonly ended: (outcome: Outcome) => void;
  readonly delivered: (result: (typeof METRICS.guardWebhooks.values.result)[number]) => void;
  readonly probed: (to: ProbedVersion, result: (typeof METRICS.guardProbes.values.result)[number]) => void;
  readonly failed: (doing: Doing) => void;
};

/** Whose pods a synthetic request goes to. */
export type ProbedVersion = (typeof METRICS.guardProbes.values.to)[number];

/** What the guard tried and could not do. */
export type Doing = (typeof METRICS.guardErrors.values.doing)[number];

type Labels = Readonly<Record<string, string>>;

/** The guard's metrics, by the names of the catalogue, each series of a counter with 0 from the start. */
export function createGuardMetrics({ now }: { readonly now: () => number }): GuardMetrics {
  const registry = new Registry();
  const watched = gauge(METRICS.releaseWatched, registry);
  const phases = gauge(METRICS.releasePhase, registry);
  const outcome = gauge(METRICS.releaseOutcome, registry);
  const detection = gauge(METRICS.releaseDetection, registry);
  const restore = gauge(METRICS.releaseRestore, registry);
  const quarantined = gauge(METRICS.releaseQuarantined, registry);
  const frozen = gauge(METRICS.releaseFrozen, registry);
  const leads = gauge(METRICS.guardLeads, registry);
  const age = gauge(METRICS.guardSignsAge, registry);
  const outcomes = counter(METRICS.releaseOutcomes, registry);
  const webhooks = counter(METRICS.guardWebhooks, registry);
  const probes = counter(METRICS.guardProbes, registry);
  const errors = counter(METRICS.guardErrors, registry);
  let last: Shown | undefined;

  const show = (shown: Shown | undefined): void => {
    const told = shown?.leadsSince === undefined ? undefined : shown;
    last = told;
    leads.set(told ? 1 : 0);
    watched.reset();
    if (told?.state.watch && isWindowOpen(told.state)) watched.set({ pod_template_hash: told.state.watch.hash }, 1);
    for (const phase of METRICS.releasePhase.values.phase) phases.set({ phase }, told?.state.phase === phase ? 1 : 0);
    for (const each of METRICS.releaseOutcome.values.outcome)
      outcome.set({ outcome: each }, told?.state.watch?.outcome === each ? 1 : 0);
    quarantined.set(told?.quarantined ?? 0);
    frozen.set(told?.frozen ? 1 : 0);
    const { timings } = told ?? {};
    if (timings?.detection !== undefined) detection.set(timings.detection / 1000);
    if (timings?.whole !== undefined) restore.set(timings.whole / 1000);
  };
  show(undefined);
  return {
    show,
    async read() {
      for (const of of METRICS.guardSignsAge.values.of) {
        const since = Math.max(last?.signs[of] ?? 0, last?.leadsSince ?? now());
        age.set({ of }, Math.max(0, now() - since) / 1000);
      }
      return registry.metrics();
    },
    ended: (result) => outcomes.inc({ outcome: result }),
    delivered: (result) => webhooks.inc({ result }),
    probed: (to, result) => probes.inc({ to, result }),
    failed: (doing) => errors.inc({ doing }),
  };
}

/** Whether the rules of releases are to look at what is watched; what is being withdrawn is judged no more. */
function isWindowOpen({ phase }: State): boolean {
  return phase === 'watching' || phase === 'deciding';
}

function gauge({ name, help, labels }: Metric, registry: Registry): Gauge {
  return new Gauge({ name, help, labelNames: labels, registers: [registry] });
}

function counter({ name, help, labels, values = {} }: Metric, registry: Registry): Counter {
  const made = new Counter({ name, help, labelNames: labels, registers: [registry] });
  for (const series of seriesOf(labels, values)) made.inc(series, 0);
  return made;
}

function seriesOf(labels: readonly string[], values: NonNullable<Metric['values']>): readonly Labels[] {
  return labels.reduce<readonly Labels[]>(
    (all, label) => all.flatMap((each) => (values[label] ?? []).map((value) => ({ ...each, [label]: value }))),
    [{}],
  );
}
