/** What a metric counts or measures. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** Who tells Prometheus something: a program's pods, the cluster, or Prometheus itself. */
export type MetricExporter =
  | 'gateway'
  | 'gateway-withdrawn'
  | 'prometheus'
  | 'redis-exporter'
  | 'postgres-exporter'
  | 'kube-state-metrics'
  | 'kubelet'
  | 'cert-manager'
  | 'guard'
  | 'drill-keeper';

/** One metric: named once, here; rules, panels and exporters refer to it. */
export type Metric = {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Values of a label that has others here than in `LABEL_VALUES`. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram's buckets in its unit, ascending, without +Inf. */
  readonly buckets?: readonly number[];
  /** Who exports it; the name of the scrape's job too. */
  readonly exporter: MetricExporter;
  /** Read in the primary when a scrape asks; absent: counted in the cells of each process. */
  readonly source?: 'primary';
  /** What a pod tells of the values of its processes: the one that was set last; absent: their sum. */
  readonly across?: 'newest';
};
