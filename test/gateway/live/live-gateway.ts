import { definition, type Service } from '../../../service/definition/index.ts';
import { createLive, INTERVAL_SECONDS, type Live, type LiveOptions } from '../../../service/gateway/live/index.ts';
import type { LiveReply } from '../../../service/gateway/live/wire.ts';
import { measuredOf } from '../../../service/gateway/processes/measured.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';

/** When the pretended gateway started, in seconds since 1970. */
export const START = 1_760_000_000;

/** The numbers of a gateway of dev in this process, and what its live page makes of them. */
export type LiveGateway = {
  readonly live: Live;
  readonly cells: Cells;
  /** Lets time pass up to the next snapshot, so many times; what happens in between is told to `each`. */
  pass(snapshots: number, each?: () => void): void;
  /** The newest value of each line of a panel, by the line's name. */
  latest(panel: string): Readonly<Record<string, number | null>>;
};

/** A live page over cells that a test writes; every snapshot comes `lateSeconds` after it should. */
export function liveGateway({
  told,
  service = definition.dev,
  lateSeconds = 0,
}: { told?: Partial<LiveOptions['told']>; service?: Service; lateSeconds?: number } = {}): LiveGateway {
  const layout = layOutCells(measuredOf(service));
  const cells = new Cells(layout);
  let now = START;
  const live = createLive({
    service,
    layout,
    cells: () => Float64Array.from(cells.values),
    readings: [{ metric: METRICS.workers, labels: {}, read: () => 2 }],
    commit: 'c0ffee1234',
    pod: 'pod-1',
    now: () => now,
    told: {
      stage: () => 'ready',
      start: START,
      logLevel: () => 'info',
      workers: 2,
      breakers: () => [],
      limits: () => [],
      ...told,
    },
  });
  const about = live.read().about;
  return {
    live,
    cells,
    pass(snapshots, each = () => undefined) {
      for (let count = 0; count < snapshots; count++) {
        each();
        live.take();
        now += INTERVAL_SECONDS + lateSeconds;
      }
    },
    latest: (panel) => latestOf(live.read(), about, panel),
  };
}

function latestOf(
  { points }: LiveReply,
  about: LiveReply['about'],
  panel: string,
): Readonly<Record<string, number | null>> {
  const lines = about?.rows.flatMap((row) => row.panels).find(({ id }) => id === panel)?.series ?? [];
  return Object.fromEntries(lines.map(({ name }, index) => [name, points[panel]?.[index]?.at(-1) ?? null]));
}
