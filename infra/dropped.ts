import { ALERTS } from '../alerts/index.ts';
// Not by the index, which loads Grafana's builders: what is dropped follows from the rows alone.
import { PANELS } from '../dashboards/panels.ts';
import { runsAny, type Exporter, type Service } from '../service/definition/index.ts';

/** Alerts and panels that an environment goes without, because nobody is scraped who could fill them. */
export type Dropped = {
  /** Those one of whom would be enough. */
  readonly exporters: readonly Exporter[];
  readonly alerts: readonly string[];
  readonly panels: readonly string[];
};

type Row = { readonly id: string; readonly exporters?: readonly Exporter[] };

/** What an environment goes without, by whom it would take. */
export function dropped(service: Service): readonly Dropped[] {
  const missing = (rows: readonly Row[]): readonly Required<Row>[] =>
    rows.flatMap(({ id, exporters }) => (exporters && !runsAny(service, exporters) ? [{ id, exporters }] : []));
  const alerts = missing(ALERTS);
  const panels = missing(PANELS);
  const groups = Map.groupBy([...alerts, ...panels], ({ exporters }) => exporters.join());
  return [...groups].map(([key, [first]]) => {
    const ids = (rows: readonly Required<Row>[]): string[] =>
      rows.filter(({ exporters }) => exporters.join() === key).map(({ id }) => id);
    return { exporters: first?.exporters ?? [], alerts: ids(alerts), panels: ids(panels) };
  });
}

/** Where the definition says the place of what a Prometheus of our own could scrape. */
const PLACES: Partial<Readonly<Record<Exporter, string>>> = {
  'kube-state-metrics': 'monitoring.cluster.kubeStateMetrics',
  'cert-manager': 'monitoring.cluster.certManager',
};

/** One of them in a line, for people. */
export function formatDropped({ exporters, alerts, panels }: Dropped, { monitoring }: Service): string {
  const gone = Object.entries({ alerts, panels }).flatMap(([kind, ids]) =>
    ids.length > 0 ? [`${kind} ${ids.join(', ')}`] : [],
  );
  const places = monitoring.kind === 'standalone' ? exporters.flatMap((exporter) => PLACES[exporter] ?? []) : [];
  const hint = places.length > 0 ? ` (${places.join(' or ')} would say where it is)` : '';
  return `without ${exporters.join(' or ')}${hint}: no ${gone.join('; no ')}`;
}
