import type { Service } from '../../definition/index.ts';
import type { CellLayout } from '../../telemetry/cells.ts';
import type { Reading } from '../../telemetry/exposition.ts';
import { GATEWAY_JOB } from '../../telemetry/catalogue.ts';
import type { Panel, Threshold } from '../../telemetry/panels/index.ts';
import { createConditions } from './conditions.ts';
import { createPoints } from './points.ts';
import { liveRows } from './rows.ts';
import { createSnapshots } from './snapshots.ts';
import { watchState, type Told } from './state.ts';
import { CONDITION_WINDOW_SECONDS, INTERVAL_SECONDS, LATE_SECONDS, RATE_WINDOW_SECONDS } from './windows.ts';
import type { LiveAbout, LiveReply } from './wire.ts';

/** Seconds that points are kept. */
const KEPT_SECONDS = 900;

/** What the live page is made from. */
export type LiveOptions = {
  readonly service: Service;
  readonly layout: CellLayout;
  /** The numbers of all processes, in the layout's order. */
  readonly cells: () => Float64Array;
  /** Numbers that no cell keeps. */
  readonly readings: readonly Reading[];
  readonly commit: string;
  /** Name of the pod, and of what a scrape would ask in it. */
  readonly pod: string;
  readonly told: Told;
  /** Seconds since 1970; default the wall clock. */
  readonly now?: () => number;
};

/** What the live page shows. */
export type Live = {
  /** Takes a snapshot of all numbers and computes from it what is drawn. */
  take(): void;
  /** What has come since a time, in seconds since 1970; undefined: everything. */
  read(since?: number): LiveReply;
  /** How many points each line has after that time. */
  newer(since?: number): number;
  /** When the newest snapshot was taken; undefined before the first. */
  newest(): number | undefined;
};

/** The panels over the last minutes, what is wrong, and how the gateway is: all of it from its own numbers. */
export function createLive(options: LiveOptions): Live {
  const { service, layout, cells, readings, commit, pod, told, now = () => Date.now() / 1000 } = options;
  const rows = liveRows(service);
  const panels = rows.flatMap((row) => row.panels);
  const recording = createSnapshots({
    layout,
    readings,
    target: { job: GATEWAY_JOB, namespace: service.namespace, pod, instance: pod },
    kept: Math.max(RATE_WINDOW_SECONDS, CONDITION_WINDOW_SECONDS) / INTERVAL_SECONDS + 1,
  });
  const kept = KEPT_SECONDS / INTERVAL_SECONDS;
  const points = createPoints({ panels, service, recording, windowSeconds: RATE_WINDOW_SECONDS + LATE_SECONDS, kept });
  const thresholdOf = ({ threshold, unit }: Panel): Threshold | undefined =>
    // What memory is held against is a container with as many workers as the definition says, and no other.
    unit === 'bytes' && told.workers !== service.gateway.workers ? undefined : threshold?.(service);
  const conditions = createConditions({ thresholdOf, workers: told.workers, panels, recording, points });
  const state = watchState(told, recording, now);
  const about: LiveAbout = {
    service: service.name,
    environment: service.environment,
    version: service.version,
    commit,
    pod,
    window: RATE_WINDOW_SECONDS,
    kept: KEPT_SECONDS,
    rows: rows.map((row) => ({
      title: row.title,
      panels: row.panels.map((panel) => {
        const { id, title, description, unit } = panel;
        const threshold = thresholdOf(panel);
        return { id, title, description, unit, ...(threshold && { threshold }), series: points.lines.get(id) ?? [] };
      }),
    })),
  };
  const newer = (since = -Infinity): number => points.times(kept).filter((time) => time > since).length;
  return {
    take() {
      recording.take(cells(), now());
      points.take();
      conditions.take();
    },
    newer,
    newest: () => recording.times[0],
    read(since) {
      const count = newer(since);
      return {
        start: told.start,
        interval: INTERVAL_SECONDS,
        ...(since === undefined && { about }),
        state: state(),
        conditions: conditions.now(),
        times: points.times(count),
        points: Object.fromEntries(panels.map(({ id }) => [id, points.valuesOf(id, count)])),
      };
    },
  };
}
