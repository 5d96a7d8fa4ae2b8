import type { Metric } from '../../../service/telemetry/catalogue.ts';
import type { Sample } from '../stand.ts';

/** The series of a metric on a page in the text format of Prometheus. */
export function readMetric(page: string, { name }: Pick<Metric, 'name'>): readonly Sample[] {
  return page.split('\n').flatMap((line) => {
    if (!line.startsWith(name)) return [];
    const [, labels = '', value] = /^(?:\{([^}]*)\})? (\S+)/.exec(line.slice(name.length)) ?? [];
    return value === undefined ? [] : [{ labels: labelsOf(labels), value: Number(value) }];
  });
}

/** None of the gateway's labels has a quote in its value. */
function labelsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}
