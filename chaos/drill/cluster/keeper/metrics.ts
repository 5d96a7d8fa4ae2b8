import { Counter, Gauge, Registry } from 'prom-client';
import { METRICS, type Metric } from '../../../../service/telemetry/catalogue.ts';
import { RESULTS, type Journal } from '../journal/index.ts';

/** What the keeper tells Prometheus. All of it stands in the journal, so that a restart forgets nothing. */
export type KeeperMetrics = {
  readonly read: () => Promise<string>;
  /** Shows a journal as it is at a time, in milliseconds since 1970. */
  readonly show: (journal: Journal, now: number) => void;
};

/** The keeper's metrics, by the names of the catalogue. */
export function createKeeperMetrics(): KeeperMetrics {
  const registry = new Registry();
  const lastSuccess = gauge(METRICS.drillLastSuccess, registry);
  const active = gauge(METRICS.drillActive, registry);
  const overdue = gauge(METRICS.drillFaultOverdue, registry);
  const { name, help, labels } = METRICS.drillRuns;
  const runs = new Counter({ name, help, labelNames: labels, registers: [registry] });
  const shown = new Map<string, number>();
  return {
    read: () => registry.metrics(),
    show({ lastSuccess: at = 0, runner, done, runs: counted }, now) {
      lastSuccess.set(at / 1_000);
      active.reset();
      if (runner?.experiment !== undefined) active.set({ experiment: runner.experiment }, 1);
      overdue.set(done.filter(({ state, until }) => state !== 'over' && now > until).length);
      for (const result of RESULTS) {
        const before = shown.get(result) ?? 0;
        // A counter only grows: a journal that was begun anew is for people to see, by its age.
        runs.inc({ result }, Math.max(0, counted[result] - before));
        shown.set(result, Math.max(before, counted[result]));
      }
    },
  };
}

function gauge({ name, help, labels }: Metric, registry: Registry): Gauge {
  return new Gauge({ name, help, labelNames: labels, registers: [registry] });
}
