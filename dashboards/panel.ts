import type { Exporter, Service } from '../service/definition/index.ts';
import { selectGateway, type Metric } from '../service/telemetry/catalogue.ts';

/** Units by Grafana's names: requests per second, operations per second, a share, seconds, bytes, a plain number. */
export type Unit = 'reqps' | 'ops' | 'percentunit' | 's' | 'bytes' | 'short';

/** Where a value turns bad. */
export type Threshold = {
  readonly value: number;
  /** Which side of the value is bad. */
  readonly bad: 'above' | 'below';
};

/** One panel. */
export type Panel = {
  /** Name that alerts refer to. */
  readonly id: string;
  readonly title: string;
  /** What the panel shows and when to worry, in one or two sentences. */
  readonly description: string;
  readonly unit: Unit;
  /** `stat`: the last value alone. */
  readonly kind: 'timeseries' | 'stat';
  /** Exporters one of which the environment must run for the panel to be there; absent: it always is. */
  readonly exporters?: readonly Exporter[];
  /** PromQL, one line of the panel each. */
  readonly queries: (service: Service) => readonly string[];
  /** The name of each query's series, in the queries' order; `{{label}}` stands for a label's value. */
  readonly legends: readonly string[];
  readonly threshold?: (service: Service) => Threshold;
};

/** Labels and what they must be. */
export type Matchers = Readonly<Record<string, string>>;

/** How far back rates look; that of the alerts, so that a panel draws what an alert compares. */
export const WINDOW = '5m';

/** Increase per second of a counter, summed by labels. */
export function rate(service: Service, metric: Metric, by: string, matchers: Matchers = {}, suffix = ''): string {
  return `sum by (${by}) (rate(${selectGateway(service.namespace, metric, matchers, suffix)}[${WINDOW}]))`;
}

/** A gauge summed by labels. */
export function total(service: Service, metric: Metric, by: string): string {
  return `sum by (${by}) (${selectGateway(service.namespace, metric)})`;
}
