import { definition } from '../../../service/definition/index.ts';
import type { Metric } from '../../../service/telemetry/catalogue.ts';
import { exported, requests, series, type InputSeries, type SeriesLabels } from '../samples.ts';

/** The namespace that the situations are in. */
export const NAMESPACE = definition.prod.namespace;

/** Requests as they end: well, with an error of ours, refused. */
export const OK = { route: 'search', status_class: '2xx' };
export const FAILED = { route: 'search', status_class: '5xx' };
export const REFUSED = { route: 'search', status_class: '4xx' };

/** Requests to a pod of the gateway. */
export const answers = requests.bind(undefined, NAMESPACE);

/** What a pod of the gateway tells. */
export const gauge = (metric: Metric, labels: SeriesLabels, values: string, suffix = ''): InputSeries =>
  series(NAMESPACE, metric, labels, values, suffix);

/** What an exporter tells. */
export const told = (metric: Metric, labels: SeriesLabels, values: string): InputSeries =>
  exported(NAMESPACE, metric, labels, values);
