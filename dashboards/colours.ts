import { FieldColorModeId, type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  LABEL_MEANINGS,
  labelsIn,
  LEGEND_MEANINGS,
  type Meaning,
  type Panel,
} from '../service/telemetry/panels/index.ts';

/** Names of Grafana's palette, which it has in one shade for a light and in another for a dark page. */
const COLOURS: Readonly<Record<Meaning, string>> = {
  good: 'green',
  bad: 'red',
  strained: 'orange',
  aside: 'text',
  first: 'blue',
  second: 'purple',
  third: 'yellow',
};

/** Lines whose names match, and how they are drawn. */
export type Override = { readonly pattern: string; readonly properties: DynamicConfigValue[] };

/** The colours of the lines of a panel whose meaning is known; Grafana gives the others one by their names. */
export function coloursOf({ legends }: Pick<Panel, 'legends'>): readonly Override[] {
  return [...new Set(legends)].flatMap((legend) => {
    const named = LEGEND_MEANINGS[legend];
    if (named !== undefined) return [override(exactly(legend), named)];
    const label = labelsIn(legend).find((name) => LABEL_MEANINGS[name] !== undefined);
    if (label === undefined) return [];
    return Object.entries(LABEL_MEANINGS[label] ?? {}).map(([value, meaning]) =>
      override(legendPattern(legend, label, value), meaning),
    );
  });
}

/** What a legend says beside its first line, such as `, day`: drawn dashed, so that one colour can tell two lines. */
export function dashesOf({ legends, kind }: Pick<Panel, 'legends' | 'kind'>): readonly Override[] {
  if (kind !== 'timeseries') return [];
  const [first = '', ...others] = legends;
  return others
    .filter((legend) => labelsIn(first).length > 0 && legend.startsWith(first) && legend !== first)
    .map((legend) => ({
      pattern: legendPattern(legend),
      properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }],
    }));
}

function override(pattern: string, meaning: Meaning): Override {
  return {
    pattern,
    properties: [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: COLOURS[meaning] } }],
  };
}

/** The names that a legend gives to its lines; of a label, those alone where it has the value. */
function legendPattern(legend: string, label?: string, value = ''): string {
  return exactly(legend, (name) => (name === label ? escaped(value) : '.+'));
}

/** A pattern as Grafana reads it: between slashes. */
function exactly(legend: string, placeholder: (label: string) => string = () => ''): string {
  const parts = legend.split(/\{\{(\w+)\}\}/);
  return `/^${parts.map((part, index) => (index % 2 === 0 ? escaped(part) : placeholder(part))).join('')}$/`;
}

function escaped(text: string): string {
  return text.replaceAll(/[/\\^$.*+?()[\]{}|]/g, '\\$&');
}
