import type { CellLayout } from '../../telemetry/cells.ts';

/** The numbers of all processes of a pod, added up. */
export type MetricSums = {
  /** Takes the newest numbers of a process. */
  update(process: number, values: Float64Array): void;
  /** A process is gone: what it counted stays, what it held does not. */
  retire(process: number): void;
  read(): Float64Array;
};

/** Sums in the order of a layout; a counter never falls when a process ends. */
export function createMetricSums({ series, size }: CellLayout): MetricSums {
  const latest = new Map<number, Float64Array>();
  const retired = new Float64Array(size);
  const gauges = series.filter(({ metric }) => metric.type === 'gauge').map(({ offset }) => offset);
  const addTo = (sum: Float64Array, values: Float64Array): void => {
    for (let index = 0; index < size; index++) sum[index] = (sum[index] ?? 0) + (values[index] ?? 0);
  };
  return {
    update(process, values) {
      latest.set(process, values);
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
      return sum;
    },
  };
}
