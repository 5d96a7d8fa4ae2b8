/** What a metric counts or measures. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One metric: named once, here; rules, panels and exporters refer to it. */
export type Metric = {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets in seconds, without +Inf. */
  readonly buckets?: readonly number[];
  /** Who exports it: its pods, or Prometheus itself. Of an exporter beside a store it is also the name of the job. */
  readonly exporter: 'gateway' | 'prometheus' | 'redis-exporter' | 'postgres-exporter';
  /** Read in the primary when a scrape asks; absent: counted in the cells of each process. */
  readonly source?: 'primary';
};
