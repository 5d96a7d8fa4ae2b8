export { defineService, parseService, withValues } from './define-service.ts';
export type { DeepPartial, Definition, DefinitionInput, Service } from './define-service.ts';
export { EXPORTERS, exportersOf, REDIS_STORES, runsAny, scrapeIntervalOf, storeExportersOf } from './exporters.ts';
export type { Exporter, StoreExporter } from './exporters.ts';
export { dashboardUid } from './dashboards.ts';
export type { DashboardId } from './dashboards.ts';
export { DRILL_KEY, DRILL_PORT, DRILL_PROXY_PORT, DRILL_TIER, drillKeeperUrl, isDrilled } from './drills.ts';
export { DefinitionError, nearest } from './findings.ts';
export type { Finding } from './findings.ts';
export { ENVIRONMENTS, LANES } from './schema.ts';
export type { CacheSettings } from './cache-schema.ts';
export { describeLimit } from './limits-schema.ts';
export type { Limit } from './limits-schema.ts';
export { GUARD_PORT, GUARD_TOKEN, guardSecrets, guardUrl, isGuarded, PROBE_KEY, prometheusUrl } from './guard.ts';
export {
  alertmanagerSecrets,
  defaultReceiver,
  notificationSecrets,
  receiversInUse,
  RESERVED_RECEIVERS,
  windowsInUse,
} from './notifications.ts';
export { GRAFANA_IMAGE } from './monitoring-schema.ts';
export { TEAMS } from './notifications-schema.ts';
export type { NotificationPeriod, NotificationTiming, Team } from './notifications-schema.ts';
export type { Receiver } from './receivers-schema.ts';
export { secretFile, SECRETS_FOLDER } from './secret-reference.ts';
export type { SecretReference } from './secret-reference.ts';
export { listedModels, PROVIDER_KEYS, providerKeysOf } from './ai-schema.ts';
export type { AiSettings, ModelSettings, ProviderSettings } from './ai-schema.ts';
export { DEFAULT_POOLER } from './postgres-schema.ts';
export type { PoolerSettings } from './postgres-schema.ts';
export { REDIS_ROLES } from './redis-schema.ts';
export type { RedisRole } from './redis-schema.ts';
export type { BreakerSettings, LaneSettings, ResilienceSettings } from './resilience-schema.ts';
export type { EnvironmentName, Lane, Route, ServiceInput, ServiceValues } from './schema.ts';
export { balancerOf } from './ingress-schema.ts';
export type { IngressSettings } from './ingress-schema.ts';
export { HEALTH_ROUTE } from './ingress-rules.ts';
export { BALANCER_CLASSES } from './balancer-classes.ts';
export type { BalancerClass } from './balancer-classes.ts';
export { ANY_VERSION, compareVersions, oldestSafeVersion, rollbackSafe } from './migrations.ts';
export type { SchemaStep } from './migrations.ts';
export { definition } from './service.ts';
export {
  formatDuration,
  formatMebibytes,
  parseRate,
  toBytes,
  toFraction,
  toMebibytes,
  toMilliseconds,
  toPerSecond,
  toSeconds,
} from './units.ts';
export type { Bytes, Cpu, Duration, Rate, Ratio } from './units.ts';
