import { GATEWAY_JOB, LATENCY_BUCKETS, METRICS, select, type Metric } from '../../service/telemetry/catalogue.ts';

/** Series by selector, each with its values in promtool's notation. */
export type InputSeries = Readonly<Record<string, string>>;

/** Labels of a series beside those of its target. */
export type SeriesLabels = Readonly<Record<string, string>>;

/** For so many minutes, this at each sample. */
export type Phase<T> = readonly [minutes: number, each: T];

/** Requests of one sample, by the bucket edge in seconds that they end at. */
export type PerSample = Readonly<Record<number, number>>;

/** Samples in a minute, where nothing else is said: one every 15 s. */
const PER_MINUTE = 4;

/** A gauge that stays for some minutes at each value. */
export function held(...phases: readonly Phase<number>[]): string {
  return phases.map(([minutes, value]) => `${value}x${minutes * PER_MINUTE - 1}`).join(' ');
}

/** The same, of which every so many samples one is missing: the scrape did not end in time. */
export function missing(every: number, values: string): string {
  const samples = values.split(' ').flatMap((phase) => {
    const [value = '', more = '0'] = phase.split('x');
    return Array.from({ length: Number(more) + 1 }, () => value);
  });
  return samples.map((sample, place) => (place % every === every - 1 ? 'stale' : sample)).join(' ');
}

/** A gauge that rises by so much each minute, from a value on. */
export function rising(from: number, ...phases: readonly Phase<number>[]): string {
  return stepped(from, phases, 1 / PER_MINUTE, PER_MINUTE);
}

/** A counter that grows for some minutes by so much at each sample. */
export function counted(...phases: readonly Phase<number>[]): string {
  return stepped(0, phases, 1, PER_MINUTE);
}

/** The same with other samples than four a minute. */
export function countedAt(perMinute: number, phases: readonly Phase<number>[]): string {
  return stepped(0, phases, 1, perMinute);
}

/** A series of one gateway pod. */
export function series(
  namespace: string,
  metric: Metric,
  labels: SeriesLabels,
  values: string,
  suffix = '',
): InputSeries {
  const target = { job: GATEWAY_JOB, namespace, pod: 'gateway-1', instance: '10.0.0.1:9464' };
  return { [select(metric, { ...target, ...labels }, suffix)]: values };
}

/** A series that an exporter tells. */
export function exported(namespace: string, metric: Metric, labels: SeriesLabels, values: string): InputSeries {
  const job = metric.exporter;
  return { [select(metric, { job, namespace, pod: `${job}-1`, instance: '10.0.0.2:9121', ...labels })]: values };
}

/** The series of requests with the same labels, in phases. */
export function requests(
  namespace: string,
  labels: SeriesLabels,
  phases: readonly Phase<PerSample>[],
  perMinute = PER_MINUTE,
): InputSeries {
  return histogram(
    namespace,
    METRICS.requestDuration,
    { method: 'GET', lane: 'critical', ...labels },
    phases,
    perMinute,
  );
}

/** The buckets and the count of a histogram, in phases; its edges are those of latency. */
export function histogram(
  namespace: string,
  metric: Metric,
  labels: SeriesLabels,
  phases: readonly Phase<PerSample>[],
  perMinute = PER_MINUTE,
): InputSeries {
  const upTo = (most: number): string =>
    stepped(
      0,
      phases.map(([minutes, each]) => [
        minutes,
        Object.entries(each).reduce((sum, [edge, n]) => (Number(edge) <= most ? sum + n : sum), 0),
      ]),
      1,
      perMinute,
    );
  const buckets = [...(metric.buckets ?? LATENCY_BUCKETS), Infinity].map((edge) =>
    series(namespace, metric, { ...labels, le: edge === Infinity ? '+Inf' : String(edge) }, upTo(edge), '_bucket'),
  );
  return together(series(namespace, metric, labels, upTo(Infinity), '_count'), ...buckets);
}

/** Several inputs as one. */
export function together(...inputs: readonly InputSeries[]): InputSeries {
  return Object.assign({}, ...inputs) as InputSeries;
}

/** Values that grow by `each × scale` at each sample of a phase. */
function stepped(from: number, phases: readonly Phase<number>[], scale: number, perMinute: number): string {
  let value = from;
  return phases
    .map(([minutes, each]) => {
      const samples = minutes * perMinute;
      const step = each * scale;
      const text = `${value + step}${step < 0 ? '' : '+'}${step}x${samples - 1}`;
      value += step * samples;
      return text;
    })
    .join(' ');
}
