import { dashboardUid, type Service } from '../service/definition/index.ts';
import type { Alert } from './alert.ts';

/** Where whoever is told of an alert goes on reading. */
export type Links = { readonly runbook_url: string; readonly dashboard_url?: string };

/** The section of the runbook on an alert, and its dashboard where the definition says where Grafana is. */
export function linksOf({ id, dashboard }: Pick<Alert, 'id' | 'dashboard'>, service: Service): Links {
  const { dashboardUrl, runbookUrl } = service.monitoring;
  return {
    runbook_url: `${runbookUrl}#${id.toLowerCase()}`,
    ...(dashboardUrl !== undefined && {
      dashboard_url: `${dashboardUrl.replace(/\/+$/, '')}/d/${dashboardUid(service.namespace, dashboard)}`,
    }),
  };
}
