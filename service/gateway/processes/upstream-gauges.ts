import type { Service } from '../../definition/index.ts';
import { METRICS } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import { CONNECTION_GROUPS, type UpstreamClient } from '../upstream/index.ts';

/** Brings up to date how many connections to the upstream are in use, may be, and are waited for. */
export function createUpstreamGauges(
  cells: Cells,
  upstream: Pick<UpstreamClient, 'connections'>,
  { connections, streamConnections }: Service['upstream'],
): () => void {
  const gauges = CONNECTION_GROUPS.map((pool) => ({
    pool,
    most: pool === 'stream' ? streamConnections : connections,
    busy: cells.gauge(METRICS.upstreamConnections, { pool }),
    limit: cells.gauge(METRICS.upstreamConnectionsLimit, { pool }),
    waiting: cells.gauge(METRICS.upstreamWaiting, { pool }),
  }));
  return () => {
    const counts = upstream.connections();
    for (const { pool, most, busy, limit, waiting } of gauges) {
      busy(counts[pool].open - counts[pool].idle);
      limit(most);
      waiting(counts[pool].waiting);
    }
  };
}
