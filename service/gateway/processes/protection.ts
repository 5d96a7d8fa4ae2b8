import type { Config } from '../../config.ts';
import { LANES, type BreakerSettings, type Lane, type ResilienceSettings } from '../../definition/index.ts';
import {
  createBreaker,
  createBreakerRegistry,
  createLanes,
  fixedConcurrency,
  gradientConcurrency,
  shareOf,
  type BreakerRegistry,
  type ConcurrencyLimit,
  type Lanes,
  type ManagedBreaker,
} from '../../resilience/index.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { BREAKERS, modelBreakers, type BreakerName } from './breakers.ts';

/** What keeps a worker whole: its lanes and its breakers. */
export type Protection = {
  readonly lanes: Lanes;
  readonly registry: BreakerRegistry;
  readonly breakers: Readonly<Record<BreakerName, ManagedBreaker>>;
  /** In front of each model of a provider, by their names. */
  readonly modelBreakers: ReadonlyMap<string, ManagedBreaker>;
  /** Brings the gauges up to date. */
  measure(): void;
};

/** What protection is made from. */
export type ProtectionOptions = { readonly config: Config; readonly cells: Cells; readonly log: Log };

/** Lanes with this worker's share of the pod's numbers, and all breakers, each change of which is logged and counted. */
export function createProtection({ config, cells, log }: ProtectionOptions): Protection {
  const { resilience } = config.service;
  const shed = cells.tally(METRICS.shed);
  const lanes = createLanes({
    settings: resilience,
    workers: config.workers,
    limits: Object.fromEntries(LANES.map((lane) => [lane, concurrencyOf(resilience, lane, config.workers)])),
    onShed: (lane, reason) => shed({ lane, reason }),
  });
  const registry = createBreakerRegistry();
  const countTransition = cells.tally(METRICS.breakerTransitions);
  const make = (name: string, settings: BreakerSettings): ManagedBreaker =>
    registry.add(
      createBreaker({
        name,
        settings,
        onTransition({ from, to, cause }) {
          countTransition({ breaker: name, state: to });
          const fields = { breaker: name, from, to, cause };
          if (from === 'closed') log.warn(fields, `breaker ${to}`);
          else log.info(fields, `breaker ${to}`);
        },
      }),
    );
  const breakers = Object.fromEntries(
    Object.entries(BREAKERS).map(([name, of]) => [name, make(name, resilience.breakers[of])]),
  ) as Record<BreakerName, ManagedBreaker>;
  const ofModels = new Map(modelBreakers(config.service).map((name) => [name, make(name, resilience.breakers.model)]));
  const setStreams = cells.gauge(METRICS.streams);
  const gauges = LANES.map((lane) => ({
    lane,
    working: cells.gauge(METRICS.laneInFlight, { lane }),
    waiting: cells.gauge(METRICS.laneQueued, { lane }),
    limit: cells.gauge(METRICS.laneLimit, { lane }),
  }));
  const open = [...Object.values(breakers), ...ofModels.values()].map((breaker) => ({
    breaker,
    set: cells.gauge(METRICS.breakersOpen, { breaker: breaker.name }),
  }));
  return {
    lanes,
    registry,
    breakers,
    modelBreakers: ofModels,
    measure() {
      const now = lanes.measure();
      setStreams(now.streams);
      for (const { lane, working, waiting, limit } of gauges) {
        working(now.lanes[lane].working);
        waiting(now.lanes[lane].waiting);
        limit(now.lanes[lane].limit);
      }
      for (const { breaker, set } of open) set(breaker.isEngaged ? 1 : 0);
    },
  };
}

function concurrencyOf(resilience: ResilienceSettings, lane: Lane, workers: number): ConcurrencyLimit {
  const max = shareOf(resilience.lanes[lane].concurrency, workers);
  if (resilience.concurrency === 'fixed') return fixedConcurrency(max);
  return gradientConcurrency({ min: Math.min(max, shareOf(resilience.minConcurrency, workers)), max });
}
