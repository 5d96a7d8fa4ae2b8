import type { Exporter, Service } from '../../definition/index.ts';
import { rate, series, sum, type Expression, type Part } from '../expression/index.ts';
import type { Matchers } from '../matcher.ts';
import type { Metric } from '../metric.ts';

/**
 * Units by Grafana's names: requests per second, operations per second, a share, seconds, bytes, US dollars, a plain
 * number.
 */
export type Unit = 'reqps' | 'ops' | 'percentunit' | 's' | 'bytes' | 'currencyUSD' | 'short';

/** Where a value turns bad. */
export type Threshold = {
  readonly value: number;
  /** Which side of the value is bad. */
  readonly bad: 'above' | 'below';
  /** From where on, on the good side, it is near enough to look twice; absent: nowhere. */
  readonly near?: number;
};

/** One panel, of a dashboard and of the live page. */
export type Panel = {
  /** Name that alerts refer to. */
  readonly id: string;
  readonly title: string;
  /** What the panel shows and when to worry, in one or two sentences. */
  readonly description: string;
  readonly unit: Unit;
  /** `stat`: the last value alone; `names`: the names of what there is now, whatever its value. */
  readonly kind: 'timeseries' | 'stat' | 'names';
  /** Exporters one of which the environment must run for the panel to be there; absent: it always is. */
  readonly exporters?: readonly Exporter[];
  /** What is drawn; each becomes one line for each of its label values. */
  readonly queries: (service: Service) => readonly Expression[];
  /** The name of each query's series, in the queries' order; `{{label}}` stands for a label's value. */
  readonly legends: readonly string[];
  readonly threshold?: (service: Service) => Threshold;
};

/** Increase per second of a counter, summed by labels; it looks as far back as whoever asks. */
export function rateBy(
  metric: Metric,
  by: readonly string[],
  matchers: Matchers = {},
  part: Part = '',
  window?: string,
): Expression {
  return sum(by, rate(series(metric, matchers, part), window));
}

/** A gauge summed by labels. */
export function totalBy(metric: Metric, by: readonly string[]): Expression {
  return sum(by, series(metric));
}
