import { alertsOf, linksOf } from '../../alerts/index.ts';
import { dashboards, type RunbookLinks } from '../../dashboards/index.ts';
import type { Service } from '../../service/definition/index.ts';

/** The dashboards of an environment by file name, each panel with what the runbook says of the alerts that name it. */
export function dashboardsOf(service: Service): ReadonlyMap<string, object> {
  return dashboards(service, runbookLinks(service));
}

function runbookLinks(service: Service): RunbookLinks {
  const byPanel = Map.groupBy(alertsOf(service), ({ panel }) => panel);
  return new Map(
    [...byPanel].map(([panel, alerts]) => [
      panel,
      alerts.map((alert) => ({ title: alert.id, url: linksOf(alert, service).runbook_url })),
    ]),
  );
}
