import { createHash } from 'node:crypto';

/** Name of a dashboard. */
export type DashboardId =
  'overview' | 'traffic' | 'cache' | 'upstreams' | 'ai' | 'stores' | 'runtime' | 'release' | 'drills';

/**
 * What Grafana calls a dashboard of an environment: the same at every deploy, and another than that of every other
 * namespace. Grafana takes 40 characters at most; a namespace alone may have as many.
 */
export function dashboardUid(namespace: string, dashboard: DashboardId): string {
  return createHash('sha256').update(`${namespace}/${dashboard}`).digest('hex').slice(0, 16);
}
