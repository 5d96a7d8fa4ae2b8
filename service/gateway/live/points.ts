import type { Service } from '../../definition/index.ts';
import { prepare, type Recording, type SampleLabels, type Value } from '../../telemetry/expression/index.ts';
import type { Panel } from '../../telemetry/panels/index.ts';

/** What is drawn from what, and for how long it is kept. */
export type PointsOptions = {
  readonly panels: readonly Panel[];
  readonly service: Service;
  readonly recording: Recording;
  /** Seconds that rates look back. */
  readonly windowSeconds: number;
  /** How many points of each line are kept. */
  readonly kept: number;
};

/** The lines of every panel over the last minutes. */
export type Points = {
  /** The names of each panel's lines, by panel. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Computes the point of every line at the newest snapshot. */
  take(): void;
  /** The times of the newest points, in seconds since 1970, oldest first. */
  times(newest: number): readonly number[];
  /** The newest points of each line of a panel, oldest first; null where there is no number. */
  linesOf(panel: string, newest: number): readonly (readonly (number | null)[])[];
  /** The newest value of each line of a panel. */
  latest(panel: string): readonly Value[];
  /** How many times there are. */
  size(): number;
};

/** Which lines there are follows from the definition: their points take the same memory from the first to the last. */
export function createPoints({ panels, service, recording, windowSeconds, kept }: PointsOptions): Points {
  const times = new Float64Array(kept);
  let taken = 0;
  const drawn = new Map(
    panels.map((panel) => {
      const queries = panel.queries(service).map((query, index) => {
        const prepared = prepare(query, recording, windowSeconds);
        const names = prepared.labels.map((labels) => legendOf(panel.legends[index] ?? '', labels));
        return { names, read: prepared.read, lines: names.map(() => new Float64Array(kept)) };
      });
      return [
        panel.id,
        { names: queries.flatMap(({ names }) => names), queries, lines: queries.flatMap((query) => query.lines) },
      ];
    }),
  );
  const placesOf = (newest: number): number[] => {
    const length = Math.min(newest, taken, kept);
    return Array.from({ length }, (_, index) => (taken - length + index) % kept);
  };
  return {
    names: new Map([...drawn].map(([id, { names }]) => [id, names])),
    take() {
      const place = taken % kept;
      times[place] = recording.times[0] ?? NaN;
      for (const { queries } of drawn.values())
        for (const { read, lines } of queries) {
          const values = read();
          lines.forEach((line, index) => (line[place] = values[index] ?? NaN));
        }
      taken++;
    },
    times: (newest) => placesOf(newest).map((place) => times[place] ?? NaN),
    linesOf(panel, newest) {
      const places = placesOf(newest);
      return (drawn.get(panel)?.lines ?? []).map((line) => places.map((place) => shortened(line[place])));
    },
    latest(panel) {
      const place = (taken - 1) % kept;
      return (drawn.get(panel)?.lines ?? []).map((line) => {
        const value = taken === 0 ? NaN : (line[place] ?? NaN);
        return Number.isNaN(value) ? undefined : value;
      });
    },
    size: () => Math.min(taken, kept),
  };
}

/** A legend with the values of the labels that it names. */
function legendOf(legend: string, labels: SampleLabels): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
}

const DIGITS = 6;

/** Whole numbers are told exactly, others with more digits than any screen shows. */
function shortened(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
