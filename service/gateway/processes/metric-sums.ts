import type { CellLayout } from '../../telemetry/cells.ts';
import type { Exemplar } from '../../telemetry/exemplars.ts';

/** The numbers of all processes of a pod, added up. */
export type MetricSums = {
  /** The last exemplar of each bucket, by its cell; of all processes. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
  /** Takes the newest numbers of a process, and its exemplars since the last time. */
  update(process: number, values: Float64Array, exemplars?: readonly Exemplar[]): void;
  /** A process is gone: what it counted stays, what it held does not. */
  retire(process: number): void;
  read(): Float64Array;
};

/** Sums in the order of a layout; a counter never falls when a process ends. */
export function createMetricSums({ series, size }: CellLayout): MetricSums {
  const latest = new Map<number, Float64Array>();
  const retired = new Float64Array(size);
  const exemplars = new Map<number, Exemplar>();
  const gauges = series.filter(({ metric }) => metric.type === 'gauge').map(({ offset }) => offset);
  const newest = series.filter(({ metric }) => metric.across === 'newest').map(({ offset }) => offset);
  const addTo = (sum: Float64Array, values: Float64Array): void => {
    for (let index = 0; index < size; index++) sum[index] = (sum[index] ?? 0) + (values[index] ?? 0);
  };
  /** The value of the process that set it last; beside each stands the time. */
  const newestOf = (offset: number): number => {
    const all = [...latest.values()].sort((a, b) => (b[offset + 1] ?? 0) - (a[offset + 1] ?? 0));
    return all[0]?.[offset] ?? 0;
  };
  return {
    exemplars,
    update(process, values, fresh = []) {
      latest.set(process, values);
      for (const exemplar of fresh) exemplars.set(exemplar.cell, exemplar);
    },
    retire(process) {
      const values = latest.get(process);
      if (!values) return;
      latest.delete(process);
      addTo(retired, values);
      for (const offset of gauges) retired[offset] = 0;
    },
    read() {
      const sum = Float64Array.from(retired);
      for (const values of latest.values()) addTo(sum, values);
      for (const offset of newest) sum[offset] = newestOf(offset);
      return sum;
    },
  };
}
