import type { Duration } from '../../../service/definition/index.ts';

/** The Prometheus that Grafana asks. */
export type PrometheusSource = {
  readonly url: string;
  /** How often it scrapes what is drawn. */
  readonly scrapeInterval: Duration;
  /** The identifier of the source of traces that examples lead to; absent: they lead nowhere. */
  readonly traces?: string;
};

/** A Prometheus as a source of Grafana's, which dashboards find by themselves while it is the only one. */
export function prometheusSource({ url, scrapeInterval, traces }: PrometheusSource): object {
  return {
    name: 'Prometheus',
    uid: 'prometheus',
    type: 'prometheus',
    access: 'proxy',
    url,
    isDefault: true,
    editable: false,
    jsonData: {
      httpMethod: 'POST',
      timeInterval: scrapeInterval,
      ...(traces !== undefined && { exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: traces }] }),
    },
  };
}

/** The file that tells Grafana its sources. */
export function sourcesFile(...sources: readonly object[]): object {
  return { apiVersion: 1, datasources: sources };
}

/** The file that tells Grafana where dashboards lie, which nobody edits there: what is drawn is what was reviewed. */
export function dashboardsFile(folder: string, path: string): object {
  const provider = {
    name: folder,
    folder,
    type: 'file',
    allowUiUpdates: false,
    disableDeletion: true,
    options: { path },
  };
  return { apiVersion: 1, providers: [provider] };
}
