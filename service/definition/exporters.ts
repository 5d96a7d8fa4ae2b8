import { isDrilled } from './drills.ts';
import { isGuarded } from './guard.ts';
import type { ServiceValues } from './schema.ts';
import type { RedisRole } from './redis-schema.ts';
import type { Duration } from './units.ts';

/** Programs beside the stores that tell Prometheus how these are, by the names of their jobs, pods and metrics. */
const STORE_EXPORTERS = ['redis-exporter', 'postgres-exporter'] as const;

/** Everyone who may tell Prometheus something, by the name of the job: as in the catalogue of metrics. */
export const EXPORTERS = [
  'gateway',
  'gateway-withdrawn',
  'prometheus',
  ...STORE_EXPORTERS,
  'kube-state-metrics',
  'kubelet',
  'cert-manager',
  'guard',
  'drill-keeper',
] as const;

/** A program beside a store that tells Prometheus how the store is. */
export type StoreExporter = (typeof STORE_EXPORTERS)[number];

/** One that tells Prometheus something. */
export type Exporter = (typeof EXPORTERS)[number];

/** What metrics, Secrets and Kubernetes call Redis in each role. */
export const REDIS_STORES = { state: 'redis', cache: 'redis-cache' } as const satisfies Readonly<
  Record<RedisRole, string>
>;

/** What a cluster has of its own, and how often its Prometheus asks: as that of kube-prometheus-stack. */
const OF_THE_CLUSTER: readonly Exporter[] = ['kube-state-metrics', 'kubelet', 'cert-manager'];
const ASKED_BY_THE_CLUSTER: Duration = '30s';

type Stores = Pick<ServiceValues, 'datastores' | 'stores'>;

type Watched = Stores & Pick<ServiceValues, 'drills' | 'ingress' | 'monitoring' | 'release'>;

const BESIDE_STORES: Readonly<Record<StoreExporter, (values: Stores) => boolean>> = {
  'redis-exporter': ({ stores: { backend, redis } }) => backend === 'redis' && redis.kind !== 'external',
  'postgres-exporter': ({ datastores }) => datastores.postgres.kind === 'single',
};

const isOperated = ({ monitoring }: Watched): boolean => monitoring.kind === 'operator';

/** Who is scraped; what the cluster has of its own, its operator scrapes, and we where the definition says where it is. */
const SCRAPED: Readonly<Record<Exporter, (values: Watched) => boolean>> = {
  gateway: () => true,
  // The pod of a withdrawn release tells what the gateway tells, and counts for nothing that is promised.
  'gateway-withdrawn': isGuarded,
  prometheus: () => true,
  ...BESIDE_STORES,
  'kube-state-metrics': (values) => isOperated(values) || values.monitoring.cluster.kubeStateMetrics !== undefined,
  // It answers nobody without a token and a right over all nodes, which is more than one service should have.
  kubelet: isOperated,
  'cert-manager': (values) =>
    values.ingress.tls?.issuer !== undefined &&
    (isOperated(values) || values.monitoring.cluster.certManager !== undefined),
  guard: isGuarded,
  'drill-keeper': isDrilled,
};

/** The programs beside stores of an environment: one for each kind of store that it runs itself. */
export function storeExportersOf(values: Stores): readonly StoreExporter[] {
  return STORE_EXPORTERS.filter((exporter) => BESIDE_STORES[exporter](values));
}

/** Everyone whom the Prometheus of an environment scrapes, or who scrapes in its name. */
export function exportersOf(values: Watched): readonly Exporter[] {
  return EXPORTERS.filter((exporter) => SCRAPED[exporter](values));
}

/** How long it is from one scrape of an exporter to the next. */
export function scrapeIntervalOf(exporter: Exporter, { monitoring }: Pick<ServiceValues, 'monitoring'>): Duration {
  const isAskedByOthers = monitoring.kind === 'operator' && OF_THE_CLUSTER.includes(exporter);
  return isAskedByOthers ? ASKED_BY_THE_CLUSTER : monitoring.scrapeInterval;
}

/** Whether an environment scrapes one of these exporters; where none is named there is nothing to miss. */
export function runsAny(values: Watched, exporters: readonly Exporter[] | undefined): boolean {
  const running = exportersOf(values);
  return exporters === undefined || exporters.some((exporter) => running.includes(exporter));
}
