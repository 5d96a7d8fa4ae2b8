import { dashboardsOf } from '../../infra/synth/dashboards.ts';
import type { DashboardId, Service } from '../../service/definition/index.ts';

/** A query of a panel, as it lies in the JSON. */
export type Target = {
  readonly expr: string;
  readonly refId: string;
  readonly datasource: object;
  readonly legendFormat: string;
  readonly interval: string;
  readonly exemplar?: boolean;
};

type Link = {
  readonly title: string;
  readonly url?: string;
  readonly keepTime: boolean;
  readonly includeVars: boolean;
};

/** A panel or a row, as it lies in the JSON. */
export type BuiltPanel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: object;
  readonly targets?: readonly Target[];
  readonly links?: readonly Link[];
  readonly fieldConfig: {
    readonly defaults: { readonly unit: string; readonly thresholds: { readonly steps: readonly object[] } };
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: { readonly fixedColor?: string } }[];
    }[];
  };
};

type Variable = {
  readonly name: string;
  readonly type: string;
  readonly query: { readonly query: string };
  readonly hide?: number;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly current?: { readonly value: string | readonly string[] };
};

/** A dashboard, as it lies in the JSON. */
export type Built = {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly panels: readonly BuiltPanel[];
  readonly links: readonly (Link & { readonly type: string; readonly tags: readonly string[] })[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
};

/** The dashboards of an environment by id, read from their JSON as Grafana reads it. */
export function builtDashboards(service: Service): ReadonlyMap<DashboardId, Built> {
  const idOf = (file: string): DashboardId => file.slice(service.namespace.length + 1, -'.json'.length) as DashboardId;
  return new Map(
    [...dashboardsOf(service)].map(([file, board]) => [idOf(file), JSON.parse(JSON.stringify(board)) as Built]),
  );
}

/** One dashboard of an environment; throws where it is not there. */
export function requireDashboard(service: Service, id: DashboardId): Built {
  const built = builtDashboards(service).get(id);
  if (!built) throw new Error(`${service.environment} has no dashboard '${id}'`);
  return built;
}

/** The panels of a dashboard without its rows. */
export function panelsIn({ panels }: Built): readonly BuiltPanel[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** The panel of a title; throws where there is none. */
export function requirePanel(built: Built, title: string): BuiltPanel {
  const found = panelsIn(built).find((panel) => panel.title === title);
  if (!found) throw new Error(`no panel of ${built.title} is called '${title}'`);
  return found;
}
