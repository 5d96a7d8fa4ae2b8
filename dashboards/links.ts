import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Service } from '../service/definition/index.ts';

/** Where to go on reading. */
export type Link = { readonly title: string; readonly url: string };

/** The sections of the runbook on the alerts that name a panel, by its id. */
export type RunbookLinks = ReadonlyMap<string, readonly Link[]>;

/** What the dashboards of one environment have in common, and no other: by it they find each other. */
export function tagsOf({ name, environment }: Pick<Service, 'name' | 'environment'>): string[] {
  return [name, environment];
}

/** A list of the environment's dashboards, which open with the time and the variables of the one that is left. */
export function otherDashboards(service: Pick<Service, 'name' | 'environment'>): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags(tagsOf(service))
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
}

/** The links of a panel. A runbook that is a file has no place that a browser could open. */
export function panelLinks(links: readonly Link[]): readonly DashboardLinkBuilder[] {
  return links
    .filter(isOnline)
    .map(({ title, url }) => new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true));
}

/** What a panel shows, and which alerts name it, in Markdown. */
export function described(description: string, links: readonly Link[]): string {
  if (links.length === 0) return description;
  const alerts = links.map((link) => (isOnline(link) ? `[${link.title}](${link.url})` : `${link.title} (${link.url})`));
  return `${description}\n\nAlerts: ${alerts.join(', ')}.`;
}

function isOnline({ url }: Link): boolean {
  return /^https?:/.test(url);
}
