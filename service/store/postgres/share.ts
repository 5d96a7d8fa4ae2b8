import { LANES, type Lane, type Service } from '../../definition/index.ts';
import { shareOf } from '../../resilience/index.ts';

/** Connections by lane. */
export type PoolShare = {
  readonly pools: Readonly<Record<Lane, number>>;
  readonly overflow: Readonly<Record<Lane, number>>;
};

/**
 * A worker's share of the pod's connections, rounded down, so that all workers together stay within them. Each lane
 * keeps at least one connection, and may have nothing above it.
 */
export function poolShare(
  { pools, overflow }: Pick<Service['datastores']['postgres'], 'pools' | 'overflow'>,
  workers: number,
): PoolShare {
  const each = (share: (lane: Lane) => number): Record<Lane, number> =>
    Object.fromEntries(LANES.map((lane) => [lane, share(lane)])) as Record<Lane, number>;
  return {
    pools: each((lane) => shareOf(pools[lane], workers)),
    overflow: each((lane) => Math.floor(overflow[lane] / workers)),
  };
}
