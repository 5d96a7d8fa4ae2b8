import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { scrapeIntervalOf, toMilliseconds, type Duration, type Service } from '../service/definition/index.ts';
import { METRICS } from '../service/telemetry/catalogue.ts';
import { selectionsOf, type Expression } from '../service/telemetry/expression/index.ts';
import type { Panel, Threshold } from '../service/telemetry/panels/index.ts';
import { coloursOf, dashesOf } from './colours.ts';
import { described, panelLinks, type Link } from './links.ts';
import { promqlOf } from './panels.ts';
import { GRAFANA_SCOPE } from './scope.ts';
import { DATASOURCE } from './variables.ts';

/** Where a panel stands on a dashboard. */
type Place = { readonly number: number; readonly width: number };

/** The rows of the grid that each kind of panel takes. */
const HEIGHTS: Readonly<Record<Panel['kind'], number>> = { timeseries: 8, stat: 4, names: 4 };

/** From this width on there is room for a list of lines beside the graph. */
const WIDE = 12;

type Look = { readonly threshold: Threshold | undefined; readonly width: number };

const KINDS: Readonly<Record<Panel['kind'], (look: Look) => TimeseriesBuilder | StatBuilder>> = {
  timeseries,
  stat: () => value(BigValueTextMode.Auto).noValue('nothing tells it'),
  names: () => value(BigValueTextMode.Name).noValue('nothing').colorScheme(colour(FieldColorModeId.Fixed, 'text')),
};

/** A panel as Grafana draws it, with what `links` says of its alerts. */
export function drawPanel(
  panel: Panel,
  service: Service,
  { number, width }: Place,
  links: readonly Link[],
): TimeseriesBuilder | StatBuilder {
  const threshold = panel.threshold?.(service);
  const builder = KINDS[panel.kind]({ threshold, width })
    .id(number)
    .title(panel.title)
    .description(described(panel.description, links))
    .links([...panelLinks(links)])
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .height(HEIGHTS[panel.kind])
    .span(width)
    .thresholds(steps(threshold));
  for (const target of targets(panel, service)) builder.withTarget(target);
  for (const { pattern, properties } of [...coloursOf(panel), ...dashesOf(panel)])
    builder.overrideByRegexp(pattern, properties);
  return builder;
}

function targets(panel: Panel, service: Service): readonly DataqueryBuilder[] {
  const { queries, legends, kind } = panel;
  // Who looks at a value that stands alone looks at now.
  const isGraph = kind === 'timeseries';
  return promqlOf(panel, service, GRAFANA_SCOPE).map((query, index) => {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    const target = new DataqueryBuilder()
      .refId(refId)
      .datasource(DATASOURCE)
      .expr(query)
      .legendFormat(legends[index] ?? refId)
      // A rate looks back over four of these: the scrapes of a datasource whose settings nobody told are four times rarer.
      .interval(scrapeInterval(panel.queries(service)[index], service));
    if (isGraph && hasExamples(queries(service)[index])) target.exemplar(true);
    return isGraph ? target.range() : target.instant();
  });
}

/** The longest time between two scrapes of what a query asks for. */
function scrapeInterval(query: Expression | undefined, service: Service): Duration {
  const intervals = (query ? selectionsOf(query) : []).map(({ metric }) => scrapeIntervalOf(metric.exporter, service));
  return intervals.reduce(
    (longest, each) => (toMilliseconds(each) > toMilliseconds(longest) ? each : longest),
    service.monitoring.scrapeInterval,
  );
}

/** Slow requests leave an example, which leads to its trace. */
function hasExamples(query: ReturnType<Panel['queries']>[number] | undefined): boolean {
  const selections = query ? selectionsOf(query) : [];
  return selections.some(({ metric, part }) => metric === METRICS.requestDuration && part === '_bucket');
}

function value(mode: BigValueTextMode): StatBuilder {
  return new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(mode)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function timeseries({ threshold, width }: Look): TimeseriesBuilder {
  const line = threshold ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return (
    new TimeseriesBuilder()
      // What may fall below nothing shows that it does.
      .axisSoftMin(0)
      .colorScheme(colour(FieldColorModeId.PaletteClassicByName))
      .fillOpacity(8)
      .showPoints(VisibilityMode.Never)
      .legend(width < WIDE ? legend() : legend().displayMode(LegendDisplayMode.Table).placement(LegendPlacement.Right))
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(line))
  );
}

/** The lines with their last values, the largest first. */
function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder().showLegend(true).calcs(['lastNotNull']).sortBy('Last *').sortDesc(true);
}

function colour(mode: FieldColorModeId, fixed?: string): FieldColorBuilder {
  const builder = new FieldColorBuilder().mode(mode);
  return fixed === undefined ? builder : builder.fixedColor(fixed);
}

/** Where a value turns bad, and where it comes near; what has no threshold is neither good nor bad. */
function steps(threshold: Threshold | undefined): ThresholdsConfigBuilder {
  const builder = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (!threshold) return builder.steps([{ value: null, color: 'text' }]);
  const { value: edge, bad, near } = threshold;
  const between = near === undefined ? [] : [{ value: near, color: bad === 'below' ? 'green' : 'orange' }];
  return builder.steps(
    bad === 'below'
      ? [{ value: null, color: 'red' }, { value: edge, color: near === undefined ? 'green' : 'orange' }, ...between]
      : [{ value: null, color: 'green' }, ...between, { value: edge, color: 'red' }],
  );
}
