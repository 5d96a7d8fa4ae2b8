import {
  isDrilled,
  isGuarded,
  storeExportersOf,
  REDIS_STORES,
  type Bytes,
  type PoolerSettings,
  type Service,
} from '../../service/definition/index.ts';
import { podsThatOverlap } from '../pods.ts';
import { CONTAINERS, SENTINEL_STORAGE, UNSTATED, type Resources } from './containers.ts';

/** What one workload of an environment asks for. */
export type Demand = {
  /** Name of the Deployment, StatefulSet or CronJob. */
  readonly workload: string;
  /** The containers of one pod. */
  readonly containers: readonly Resources[];
  readonly pods: {
    /** At the autoscaler's minimum. */
    readonly quiet: number;
    /** At its maximum. */
    readonly busy: number;
    /** The most that exist at once: at the maximum, in the middle of a release that is withdrawn. */
    readonly atOnce: number;
  };
  /** Whether its pods do their work and end. */
  readonly ends?: true;
  /** Volumes that it claims, over all of its pods. */
  readonly volumes: readonly Bytes[];
};

/** The values that decide what an environment asks for. */
export type DemandValues = Pick<
  Service,
  'datastores' | 'drills' | 'gateway' | 'monitoring' | 'release' | 'rollout' | 'scaling' | 'stores' | 'upstream'
>;

/** What every workload of an environment asks for, the gateway first; a test holds it equal to what is synthesized. */
export function demands(values: DemandValues): readonly [Demand, ...Demand[]] {
  return [
    gateway(values),
    ...(isGuarded(values) ? [guard(values)] : []),
    job('migration', CONTAINERS.migration()),
    ...(values.upstream.deploy ? [upstream()] : []),
    ...redis(values),
    ...postgres(values),
    ...storeExportersOf(values).map((exporter) => single(exporter, CONTAINERS.exporter())),
    ...monitoring(values),
    ...(isDrilled(values) ? [job('drill', CONTAINERS.drill()), drillKeeper()] : []),
  ];
}

/** Room for one pod that a person starts to look at something. */
export const BY_HAND: Demand = { ...job('a pod by hand', UNSTATED), volumes: [] };

function gateway(values: DemandValues): Demand {
  const { min, max } = values.scaling;
  return {
    workload: 'gateway',
    containers: [CONTAINERS.gateway(values)],
    pods: { quiet: min, busy: max, atOnce: podsThatOverlap(values) },
    volumes: [],
  };
}

/** In a rollout each pod has a successor while it hands over. */
function guard({ release }: DemandValues): Demand {
  const { replicas } = release.guard;
  return {
    workload: 'guard',
    containers: [CONTAINERS.guard()],
    pods: { quiet: replicas, busy: replicas, atOnce: 2 * replicas + 1 },
    volumes: [],
  };
}

/** Beside it what it makes, each as large as itself: a fault proxy, and a pod that ends the connections past it. */
function drillKeeper(): Demand {
  const alone = single('drill-keeper', CONTAINERS.drillKeeper());
  return { ...alone, pods: { ...alone.pods, atOnce: 3 } };
}

/** One pod, one more while it is replaced, and for as long as its grace lasts the one that goes. */
function upstream(): Demand {
  return {
    workload: 'upstream',
    containers: [CONTAINERS.upstream()],
    pods: { quiet: 1, busy: 1, atOnce: 3 },
    volumes: [],
  };
}

function redis(values: DemandValues): Demand[] {
  const { backend, redis: settings } = values.stores;
  if (backend !== 'redis' || settings.kind === 'external') return [];
  const { state, cache } = REDIS_STORES;
  const { replicas, sentinels } = settings;
  const single = settings.kind === 'single';
  return [
    several(state, single ? 1 : replicas, CONTAINERS.redis(values, 'state'), settings.state.storage),
    ...(single ? [] : [several('redis-sentinel', sentinels, CONTAINERS.redisSentinel(), SENTINEL_STORAGE)]),
    several(cache, 1, CONTAINERS.redis(values, 'cache')),
  ];
}

function postgres(values: DemandValues): Demand[] {
  const { kind, pooler } = values.datastores.postgres;
  return [
    ...(kind === 'single' ? postgresPod(values) : []),
    ...(kind === 'cloudnativepg' ? [postgresCluster(values)] : []),
    ...(pooler ? [postgresPooler(pooler)] : []),
  ];
}

function postgresPod(values: DemandValues): Demand[] {
  const { storage, backup } = values.datastores.postgres;
  return [
    single('postgres', CONTAINERS.postgres(values), [storage]),
    { ...job('postgres-backup', CONTAINERS.postgresBackup()), volumes: [backup.storage] },
    job('postgres-restore', CONTAINERS.postgresBackup()),
  ];
}

/** The operator's pods: each instance has a volume, and one more pod makes the first or a replica of it. */
function postgresCluster(values: DemandValues): Demand {
  const { cluster, storage } = values.datastores.postgres;
  const { instances } = cluster;
  return {
    workload: 'postgres-cluster',
    containers: [CONTAINERS.postgresCluster(values)],
    pods: { quiet: instances, busy: instances, atOnce: instances + 1 },
    volumes: Array.from({ length: instances }, () => storage),
  };
}

/** In a rollout each pod has a successor while it waits for its clients to leave. */
function postgresPooler({ replicas }: PoolerSettings): Demand {
  return {
    workload: 'postgres-pooler',
    containers: [CONTAINERS.postgresPooler()],
    pods: { quiet: replicas, busy: replicas, atOnce: 2 * replicas + 1 },
    volumes: [],
  };
}

function monitoring(values: DemandValues): Demand[] {
  const { kind, grafana, storage } = values.monitoring;
  if (kind !== 'standalone') return [];
  const volumes = (size: Bytes): readonly Bytes[] => (storage.kept ? [size] : []);
  return [
    single('prometheus', CONTAINERS.prometheus(), volumes(storage.prometheus)),
    single('alertmanager', CONTAINERS.alertmanager(), volumes(storage.alertmanager)),
    ...(grafana ? [single('grafana', CONTAINERS.grafana(), volumes(storage.grafana))] : []),
  ];
}

/** One pod, which ends before another takes its place. */
function single(workload: string, container: Resources, volumes: readonly Bytes[] = []): Demand {
  return { workload, containers: [container], pods: { quiet: 1, busy: 1, atOnce: 1 }, volumes };
}

/** Pods of which each ends before another takes its place, each with a volume where it keeps something. */
function several(workload: string, pods: number, container: Resources, volume?: Bytes): Demand {
  const volumes = volume === undefined ? [] : Array.from({ length: pods }, () => volume);
  return { workload, containers: [container], pods: { quiet: pods, busy: pods, atOnce: pods }, volumes };
}

/** Nothing most of the time, then one pod. */
function job(workload: string, container: Resources): Demand {
  return { workload, containers: [container], pods: { quiet: 0, busy: 0, atOnce: 1 }, ends: true, volumes: [] };
}
