import type { ServiceValues } from './schema.ts';
import type { RedisRole } from './redis-schema.ts';

/** What an exporter is called: its scrape job, its pods and its metrics in the catalogue. */
export const EXPORTERS = ['redis-exporter', 'postgres-exporter'] as const;

/** A program beside a store that tells Prometheus how the store is. */
export type Exporter = (typeof EXPORTERS)[number];

/** What metrics, Secrets and Kubernetes call Redis in each role. */
export const REDIS_STORES = { state: 'redis', cache: 'redis-cache' } as const satisfies Readonly<
  Record<RedisRole, string>
>;

type Stores = Pick<ServiceValues, 'datastores' | 'stores'>;

const RUNS: Readonly<Record<Exporter, (values: Stores) => boolean>> = {
  'redis-exporter': ({ stores: { backend, redis } }) => backend === 'redis' && redis.kind !== 'external',
  'postgres-exporter': ({ datastores }) => datastores.postgres.kind === 'single',
};

/** The exporters of an environment: one for each kind of store that it runs itself; whoever runs another watches it. */
export function exportersOf(values: Stores): readonly Exporter[] {
  return EXPORTERS.filter((exporter) => RUNS[exporter](values));
}

/** Whether an environment runs one of these exporters; where none is named there is nothing to miss. */
export function runsAny(values: Stores, exporters: readonly Exporter[] | undefined): boolean {
  const running = exportersOf(values);
  return exporters === undefined || exporters.some((exporter) => running.includes(exporter));
}
