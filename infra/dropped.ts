import { ALERTS, type Alert } from '../alerts/index.ts';
// Not by the index, which loads Grafana's builders: what is dropped follows from the rows alone.
import { PANELS } from '../dashboards/panels.ts';
import { exportersOf, type Exporter, type Service } from '../service/definition/index.ts';

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
  const running = exportersOf(service);
  const missing = (rows: readonly Row[]): readonly Required<Row>[] =>
    rows.flatMap(({ id, exporters }) =>
      exporters === undefined || exporters.some((each) => running.includes(each)) ? [] : [{ id, exporters }],
    );
  const alerts = missing(ALERTS as readonly Alert[]);
  const panels = missing(PANELS);
  const groups = Map.groupBy([...alerts, ...panels], ({ exporters }) => exporters.join());
  return [...groups].map(([key, [first]]) => {
    const ids = (rows: readonly Required<Row>[]): string[] =>
      rows.filter(({ exporters }) => exporters.join() === key).map(({ id }) => id);
    return { exporters: first?.exporters ?? [], alerts: ids(alerts), panels: ids(panels) };
  });
}

/** One line for each of them, for people. */
export function formatDropped({ exporters, alerts, panels }: Dropped): string {
  const parts = [
    ...(alerts.length > 0 ? [`alerts ${alerts.join(', ')}`] : []),
    ...(panels.length > 0 ? [`panels ${panels.join(', ')}`] : []),
  ];
  return `nothing scrapes ${exporters.join(' or ')}, so there are no ${parts.join(', and no ')}`;
}
