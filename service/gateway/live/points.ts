import type { Service } from '../../definition/index.ts';
import { prepare, type Recording, type Value } from '../../telemetry/expression/index.ts';
import type { Panel } from '../../telemetry/panels/index.ts';
import { lineOf } from './line.ts';
import type { LiveLine } from './wire.ts';

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
  /** The lines of each panel, by panel. */
  readonly lines: ReadonlyMap<string, readonly LiveLine[]>;
  /** Computes the point of every line at the newest snapshot. */
  take(): void;
  /** The times of the newest points, in seconds since 1970, oldest first. */
  times(newest: number): readonly number[];
  /** The newest values of each line of a panel, oldest first; null where there is no number. */
  valuesOf(panel: string, newest: number): readonly (readonly (number | null)[])[];
  /** The newest value of each line of a panel. */
  latest(panel: string): readonly Value[];
};

/** Which lines there are follows from the definition: their points take the same memory from the first to the last. */
export function createPoints({ panels, service, recording, windowSeconds, kept }: PointsOptions): Points {
  const times = new Float64Array(kept);
  let taken = 0;
  const drawn = new Map(
    panels.map((panel) => {
      const queries = panel.queries(service).map((query, index) => {
        const prepared = prepare(query, recording, windowSeconds);
        const lines = prepared.labels.map((labels) => lineOf(panel.legends[index] ?? '', labels));
        return { lines, read: prepared.read, values: lines.map(() => new Float64Array(kept)) };
      });
      const lines = queries.flatMap((query) => query.lines);
      return [panel.id, { queries, lines, values: queries.flatMap((query) => query.values) }];
    }),
  );
  const placesOf = (newest: number): number[] => {
    const length = Math.min(newest, taken, kept);
    return Array.from({ length }, (_, index) => (taken - length + index) % kept);
  };
  return {
    lines: new Map([...drawn].map(([id, { lines }]) => [id, lines])),
    take() {
      const place = taken % kept;
      times[place] = recording.times[0] ?? NaN;
      for (const { queries } of drawn.values())
        for (const { read, values } of queries) {
          const newest = read();
          values.forEach((line, index) => (line[place] = newest[index] ?? NaN));
        }
      taken++;
    },
    times: (newest) => placesOf(newest).map((place) => times[place] ?? NaN),
    valuesOf(panel, newest) {
      const places = placesOf(newest);
      return (drawn.get(panel)?.values ?? []).map((line) => places.map((place) => shortened(line[place])));
    },
    latest(panel) {
      const place = (taken - 1) % kept;
      return (drawn.get(panel)?.values ?? []).map((line) => {
        const value = taken === 0 ? NaN : (line[place] ?? NaN);
        return Number.isNaN(value) ? undefined : value;
      });
    },
  };
}

const DIGITS = 6;

/** Whole numbers are told exactly, others with more digits than any screen shows. */
function shortened(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
