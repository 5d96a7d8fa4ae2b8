import {
  ALERTS,
  INHIBITIONS,
  isFor,
  recordingsOf,
  type Alert,
  type Inhibition,
  type Recording,
} from '../../../../alerts/index.ts';
import { EXPERIMENTS, tripsOf } from '../../../../chaos/index.ts';
// Not by the index, which loads Grafana's builders: a check reads the rows alone.
import { PANELS } from '../../../../dashboards/panels.ts';
import { DASHBOARDS } from '../../../../dashboards/table.ts';
import { nearest, runsAny, type Service } from '../../../../service/definition/index.ts';
import type { Panel } from '../../../../service/telemetry/panels/index.ts';
import type { Breach } from '../../finding.ts';

/** A panel, as far as it names something. */
export type PanelRow = Pick<Panel, 'id' | 'queries' | 'legends' | 'exporters'>;

/** An experiment, as far as it names something. */
export type ExperimentRow = {
  readonly id: string;
  readonly trips: readonly string[];
  readonly mustNotTrip: readonly string[];
};

/** A dashboard, as far as it names something. */
export type DashboardRow = {
  readonly id: string;
  readonly rows: readonly { readonly panels: readonly string[] }[];
};

/** What closure reads: the rows of alerts, recording rules, panels, dashboards and experiments. */
export type Artefacts = {
  readonly alerts: readonly Alert[];
  readonly panels: readonly PanelRow[];
  readonly dashboards: readonly DashboardRow[];
  readonly experiments: readonly ExperimentRow[];
  readonly inhibitions: readonly Inhibition[];
  readonly recordings: (service: Service) => readonly Recording[];
};

/** What Sluice ships. */
export const ARTEFACTS: Artefacts = {
  alerts: ALERTS,
  panels: PANELS,
  dashboards: DASHBOARDS,
  experiments: EXPERIMENTS.map((experiment) => ({ ...experiment, trips: tripsOf(experiment) })),
  inhibitions: INHIBITIONS,
  recordings: recordingsOf,
};

/** The rows that an environment has. */
export type Present = Omit<Artefacts, 'recordings'> & {
  readonly service: Service;
  readonly recordings: readonly Recording[];
  /** The alerts of every environment: an experiment names also those that another one has. */
  readonly alertIds: readonly string[];
};

/** Those of the rows that an environment has. */
export function presentIn(service: Service, { alerts, panels, recordings, ...others }: Artefacts): Present {
  return {
    ...others,
    service,
    alerts: alerts.filter((alert) => isFor(alert, service)),
    panels: panels.filter(({ exporters }) => runsAny(service, exporters)),
    recordings: recordings(service),
    alertIds: idsOf(alerts),
  };
}

/** A name that leads nowhere, with the nearest that does; nothing where it leads somewhere. */
export function named(path: string, name: string, known: readonly string[], kind: string, folder: string): Breach[] {
  if (known.includes(name)) return [];
  const hint = nearest(name, known) ?? `or add it to ${folder}`;
  return [
    {
      path,
      problem: `names the ${kind} '${name}', which does not exist`,
      fixes: [{ edit: `name an existing ${kind}; ${hint}` }],
    },
  ];
}

/** The ids of rows. */
export function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id);
}
