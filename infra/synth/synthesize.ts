import { App, type Chart } from 'cdk8s';
import { alertmanagerConfig, alertmanagerConfigSpec, prometheusConfig, ruleGroups } from '../../alerts/index.ts';
import { chaosObjects } from '../../chaos/index.ts';
import {
  isDrilled,
  isGuarded,
  storeExportersOf,
  type EnvironmentName,
  type Service,
} from '../../service/definition/index.ts';
import {
  AccessLayer,
  DashboardsLayer,
  DrillLayer,
  ExportersLayer,
  flows,
  GatewayLayer,
  GuardLayer,
  IngressLayer,
  MigrationLayer,
  NamespaceLayer,
  NetworkPolicies,
  OperatorMonitoringLayer,
  PostgresBackupLayer,
  PostgresClusterLayer,
  PostgresLayer,
  PostgresPoolerLayer,
  QuotaLayer,
  RedisLayer,
  ReplicatedRedisLayer,
  SentinelLayer,
  sorted,
  StandaloneMonitoringLayer,
  UpstreamLayer,
  type ImageProps,
} from '../charts/index.ts';
import { dashboardsOf } from './dashboards.ts';
import { filesOf } from './files.ts';
import { imageReference } from './image.ts';
import type { KubernetesObject } from './object.ts';
import { inOrder } from './order.ts';

/** Everything that one environment is made of. */
export type Synthesis = {
  readonly environment: EnvironmentName;
  /** The objects of the cluster, each after those that it needs. */
  readonly manifests: readonly KubernetesObject[];
  /** Experiments; they need Chaos Mesh on the cluster, so the kustomization leaves them out. */
  readonly chaos: readonly KubernetesObject[];
  /** Text by path relative to the environment's folder. */
  readonly files: ReadonlyMap<string, string>;
};

/**
 * Derives one environment from its definition; the same input gives the same bytes on every machine.
 * Throws when a chart is invalid.
 */
export function synthesize(service: Service, commit?: string): Synthesis {
  const layers = new Map(charts(service, commit).map((chart) => [chart.node.id, objectsOf(chart)]));
  const chaos = inOrder(sorted(chaosObjects(service)) as KubernetesObject[]);
  return Object.freeze({
    environment: service.environment,
    manifests: Object.freeze(inOrder([...layers.values()].flat())),
    chaos,
    files: filesOf({ service, layers, chaos }),
  });
}

/** The layers of an environment in the order in which they are applied. */
function charts(service: Service, commit: string | undefined): readonly Chart[] {
  const app = new App();
  const image: ImageProps = {
    reference: imageReference(service, commit),
    pullPolicy: service.image.pullPolicy,
    // An image by digest may be of another commit than this one; it tells its own.
    ...(commit !== undefined && service.image.digest === undefined && { commit }),
  };
  return [
    new NamespaceLayer(app, service),
    new QuotaLayer(app, service),
    new NetworkPolicies(app, service, flows(service)),
    ...postgres(app, service),
    ...redis(app, service),
    ...exporters(app, service),
    ...(service.upstream.deploy ? [new UpstreamLayer(app, service, image)] : []),
    new MigrationLayer(app, service, image),
    new GatewayLayer(app, service, image),
    ...(isGuarded(service) ? [new AccessLayer(app, service, 'guard'), new GuardLayer(app, service, image)] : []),
    ...(isDrilled(service)
      ? [
          new AccessLayer(app, service, 'drill'),
          new AccessLayer(app, service, 'drill-keeper'),
          new DrillLayer(app, service, image),
        ]
      : []),
    ...(service.ingress.kind === 'none' ? [] : [new IngressLayer(app, service)]),
    monitoring(app, service),
    new DashboardsLayer(app, service, dashboardsOf(service)),
  ];
}

function postgres(app: App, service: Service): Chart[] {
  const { kind, pooler } = service.datastores.postgres;
  return [
    ...(kind === 'single' ? [new PostgresLayer(app, service), new PostgresBackupLayer(app, service)] : []),
    ...(kind === 'cloudnativepg' ? [new PostgresClusterLayer(app, service)] : []),
    ...(pooler ? [new PostgresPoolerLayer(app, service)] : []),
  ];
}

function redis(app: App, service: Service): Chart[] {
  const { backend, redis: settings } = service.stores;
  if (backend !== 'redis' || settings.kind === 'external') return [];
  const state =
    settings.kind === 'single'
      ? [new RedisLayer(app, service, 'state')]
      : [new SentinelLayer(app, service), new ReplicatedRedisLayer(app, service)];
  return [...state, new RedisLayer(app, service, 'cache')];
}

function exporters(app: App, service: Service): Chart[] {
  return storeExportersOf(service).length > 0 ? [new ExportersLayer(app, service)] : [];
}

function monitoring(app: App, service: Service): Chart {
  const rules = ruleGroups(service);
  return service.monitoring.kind === 'operator'
    ? new OperatorMonitoringLayer(app, service, { rules, alerts: alertmanagerConfigSpec(service) })
    : new StandaloneMonitoringLayer(app, service, {
        rules,
        prometheus: prometheusConfig(service),
        alertmanager: alertmanagerConfig(service),
        dashboards: dashboardsOf(service),
      });
}

function objectsOf(chart: Chart): readonly KubernetesObject[] {
  return inOrder(sorted(chart.toJson()) as KubernetesObject[]);
}
