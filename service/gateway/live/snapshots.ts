import type { Metric } from '../../telemetry/catalogue.ts';
import type { CellLayout, Labels } from '../../telemetry/cells.ts';
import type { Part, RecordedSeries, Recording } from '../../telemetry/expression/index.ts';
import type { Reading } from '../../telemetry/exposition.ts';

/** What is remembered, and for how long. */
export type SnapshotsOptions = {
  readonly layout: CellLayout;
  /** Numbers that no cell keeps. */
  readonly readings: readonly Reading[];
  /** Labels that a scrape would add to every series. */
  readonly target: Labels;
  /** How many snapshots are kept. */
  readonly kept: number;
};

/** The last numbers of a pod. */
export type Snapshots = Recording & {
  /** Takes the numbers of all processes at a time, in seconds since 1970; the oldest are forgotten. */
  take(cells: Float64Array, at: number): void;
};

/**
 * A ring of snapshots, each one array of what a scrape would show at that moment: the memory that they take is decided
 * when it is made.
 */
export function createSnapshots({ layout, readings, target, kept }: SnapshotsOptions): Snapshots {
  const histograms = layout.series.filter(({ metric }) => metric.type === 'histogram');
  const ring: Float64Array[] = [];
  const times: number[] = [];
  const found = new Map<string, readonly RecordedSeries[]>();
  const at = (labels: Labels, cell: number): RecordedSeries => ({
    labels: { ...labels, ...target },
    valueAt: (before) => ring[before]?.[cell] ?? NaN,
  });

  function find(metric: Metric, part: Part): readonly RecordedSeries[] {
    const read = readings.flatMap(({ labels, ...reading }, index) =>
      reading.metric === metric ? [at(labels, layout.size + index)] : [],
    );
    const counted = layout.series
      .filter((series) => series.metric === metric)
      .flatMap(({ labels, offset }) => {
        const edges = [...(metric.buckets ?? []), '+Inf'];
        if (part === '_bucket') return edges.map((le, index) => at({ ...labels, le: String(le) }, offset + index));
        if (part === '_count') return [at(labels, offset + edges.length - 1)];
        if (part === '_sum') return [at(labels, offset + edges.length)];
        return [at(labels, offset)];
      });
    return [...read, ...counted];
  }

  return {
    times,
    seriesOf(metric, part) {
      const key = `${metric.name}${part}`;
      const series = found.get(key) ?? find(metric, part);
      found.set(key, series);
      return series;
    },
    take(cells, time) {
      const oldest = ring.length === kept ? ring.pop() : undefined;
      const values = oldest ?? new Float64Array(layout.size + readings.length);
      values.set(cells);
      readings.forEach(({ read }, index) => (values[layout.size + index] = read()));
      // A cell counts its own bucket; a scrape shows what lies at or below its edge.
      for (const { metric, offset } of histograms) {
        const last = offset + (metric.buckets ?? []).length;
        for (let cell = offset + 1; cell <= last; cell++) values[cell] = (values[cell] ?? 0) + (values[cell - 1] ?? 0);
      }
      ring.unshift(values);
      times.unshift(time);
      times.length = ring.length;
    },
  };
}
