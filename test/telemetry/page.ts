import { expect } from '@jest/globals';

/** One series of a page of metrics; `name` has a histogram's suffix. */
export type PageSeries = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** A page of metrics in Prometheus' text format. */
export type Page = { readonly types: ReadonlyMap<string, string>; readonly series: readonly PageSeries[] };

/** Reads a page, and fails on any line that is not of the format. */
export function parsePage(text: string): Page {
  const types = new Map<string, string>();
  const series: PageSeries[] = [];
  for (const line of text.split('\n')) {
    const [, name = '', type = ''] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== '') {
      expect(types.has(name)).toBe(false);
      types.set(name, type);
    } else if (line !== '' && !/^# HELP \w+ \S/.test(line)) series.push(parseSeries(line));
  }
  return { types, series };
}

/** A series without its value: its name, and its labels by name. */
export function identityOf({ name, labels }: Pick<PageSeries, 'name' | 'labels'>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}

function parseSeries(line: string): PageSeries {
  const match = /^(\w+)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$/.exec(line);
  if (!match) throw new Error(`no series of Prometheus' text format: ${line}`);
  const [, name = '', labels = '', value = ''] = match;
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text]);
  return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
}
