import { createHash } from 'node:crypto';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Service } from '../service/definition/index.ts';
import type { Panel, Threshold } from '../service/telemetry/panels/index.ts';
import { panelsOf, promqlOf } from './panels.ts';
import { DASHBOARDS, type Dashboard } from './table.ts';

// Whoever looks chooses which Prometheus is asked; the dashboard knows none by name.
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const GRID_WIDTH = 24;
const HEIGHTS: Readonly<Record<Panel['kind'], number>> = { timeseries: 8, stat: 4 };

/**
 * The dashboards of an environment as Grafana's JSON, by file name. The names carry the namespace, since one Grafana
 * may collect the files of many namespaces in one folder. What nothing in the environment would fill is left out.
 */
export function dashboards(service: Service): ReadonlyMap<string, object> {
  const panels = new Map(panelsOf(service).map((panel) => [panel.id, panel]));
  return new Map(
    DASHBOARDS.map((dashboard) => ({ dashboard, rows: rowsOf(dashboard, panels) }))
      .filter(({ rows }) => rows.length > 0)
      .map(({ dashboard, rows }) => [`${service.namespace}-${dashboard.id}.json`, build(dashboard, rows, service)]),
  );
}

type Row = { readonly title: string; readonly panels: readonly Panel[] };

function rowsOf({ rows }: Dashboard, panels: ReadonlyMap<string, Panel>): readonly Row[] {
  return rows
    .map(({ title, panels: ids }) => ({ title, panels: ids.flatMap((id) => panels.get(id) ?? []) }))
    .filter((row) => row.panels.length > 0);
}

function build({ id, title }: Dashboard, rows: readonly Row[], service: Service): object {
  const { name, namespace, environment } = service;
  // Deprecated for a form that only Grafana 12 and later read; every Grafana reads this one.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const builder = new DashboardBuilder(`${name} ${environment}: ${title}`)
    .uid(stableUid(`${namespace}/${id}`))
    .tags([name, environment])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  let number = 1;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(number++));
    for (const panel of row.panels) {
      builder.withPanel(buildPanel(panel, service, number++, GRID_WIDTH / row.panels.length));
    }
  }
  return builder.build();
}

function buildPanel(panel: Panel, service: Service, number: number, width: number): TimeseriesBuilder | StatBuilder {
  const threshold = panel.threshold?.(service);
  const builder = panel.kind === 'stat' ? stat() : timeseries(threshold);
  builder
    .id(number)
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .height(HEIGHTS[panel.kind])
    .span(width)
    .thresholds(steps(threshold));
  promqlOf(panel, service).forEach((query, index) => {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    const target = new DataqueryBuilder().refId(refId).datasource(DATASOURCE).expr(query);
    target.legendFormat(panel.legends[index] ?? refId);
    builder.withTarget(panel.kind === 'stat' ? target.instant() : target.range());
  });
  return builder;
}

function stat(): StatBuilder {
  return new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function timeseries(threshold: Threshold | undefined): TimeseriesBuilder {
  const line = threshold ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return new TimeseriesBuilder()
    .min(0)
    .legend(new VizLegendOptionsBuilder().showLegend(true))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(line));
}

function steps(threshold: Threshold | undefined): ThresholdsConfigBuilder {
  const [below, above] = threshold?.bad === 'below' ? ['red', 'green'] : ['green', 'red'];
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: below }, ...(threshold ? [{ value: threshold.value, color: above }] : [])]);
}

/** Grafana takes 40 characters at most; a namespace alone may have as many. */
function stableUid(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
