import { DashboardBuilder, DashboardCursorSync, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboardUid, exportersOf, type Service } from '../service/definition/index.ts';
import type { Panel } from '../service/telemetry/panels/index.ts';
import { annotations } from './annotations.ts';
import { drawPanel } from './draw.ts';
import { otherDashboards, tagsOf, type RunbookLinks } from './links.ts';
import { panelsOf } from './panels.ts';
import { DASHBOARDS, type Dashboard } from './table.ts';
import { variables } from './variables.ts';

const GRID_WIDTH = 24;

/**
 * The dashboards of an environment as Grafana's JSON, by file name. The names carry the namespace, since one Grafana
 * may collect the files of many namespaces in one folder. What nothing in the environment would fill is left out.
 */
export function dashboards(service: Service, links: RunbookLinks): ReadonlyMap<string, object> {
  const panels = new Map(panelsOf(service).map((panel) => [panel.id, panel]));
  return new Map(
    DASHBOARDS.map((dashboard) => ({ dashboard, rows: rowsOf(dashboard, panels) }))
      .filter(({ rows }) => rows.length > 0)
      .map(({ dashboard, rows }) => [
        `${service.namespace}-${dashboard.id}.json`,
        build(dashboard, rows, service, links),
      ]),
  );
}

type Row = { readonly title: string; readonly panels: readonly Panel[] };

function rowsOf({ rows }: Dashboard, panels: ReadonlyMap<string, Panel>): readonly Row[] {
  return rows
    .map(({ title, panels: ids }) => ({ title, panels: ids.flatMap((id) => panels.get(id) ?? []) }))
    .filter((row) => row.panels.length > 0);
}

function build(
  { id, title, description }: Dashboard,
  rows: readonly Row[],
  service: Service,
  links: RunbookLinks,
): object {
  const { name, namespace, environment } = service;
  // Deprecated for a form that only Grafana 12 and later read; every Grafana reads this one.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const builder = new DashboardBuilder(`${name} ${environment}: ${title}`)
    .uid(dashboardUid(namespace, id))
    .description(description)
    .tags(tagsOf(service))
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .variables([...variables(service)])
    .annotations([...annotations(exportersOf(service))])
    .link(otherDashboards(service));
  let number = 1;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(number++));
    const widths = widthsOf(row.panels.length);
    row.panels.forEach((panel, index) => {
      const place = { number: number++, width: widths[index] ?? GRID_WIDTH };
      builder.withPanel(drawPanel(panel, service, place, links.get(panel.id) ?? []));
    });
  }
  return builder.build();
}

/** Equal shares of the whole width; the last takes what is left over. */
function widthsOf(count: number): readonly number[] {
  const width = Math.floor(GRID_WIDTH / count);
  return Array.from({ length: count }, (_, index) => (index === count - 1 ? GRID_WIDTH - width * index : width));
}
