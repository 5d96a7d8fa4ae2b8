import { alertmanagerConfig, prometheusConfig } from '../../../../alerts/index.ts';
import { toMilliseconds, type Duration, type Service } from '../../../../service/definition/index.ts';
import { GATEWAY_JOB, METRICS, type Metric } from '../../../../service/telemetry/catalogue.ts';

/** Whom Prometheus asks and tells, each as host and port; who is not there is not asked. */
export type Watched = {
  readonly gateway: string;
  readonly alertmanager?: string;
  readonly redisExporter?: string;
  /** What the exporter is to ask, by what metrics call it. */
  readonly redis: Readonly<Record<string, string>>;
  readonly postgresExporter?: string;
};

/** What the pod of the gateway is called here. */
export const POD = 'local';

/** The exporter of Postgres tries again before it says that Postgres is gone; asked for less long, it says nothing. */
const POSTGRES_ASKED: Duration = '3s';

/** The configuration of a Prometheus that looks at the programs of one stand, with labels as on a cluster. */
export function localPrometheusConfig(service: Service, watched: Watched): object {
  const { gateway, alertmanager, redisExporter, redis, postgresExporter } = watched;
  const scrape = (job: string, target: string, labels: Readonly<Record<string, string>> = {}) => ({
    job_name: job,
    static_configs: [{ targets: [target], labels: { namespace: service.namespace, pod: POD, ...labels } }],
  });
  return {
    ...prometheusConfig(service),
    ...(alertmanager !== undefined && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    }),
    scrape_configs: [
      scrape(GATEWAY_JOB, gateway),
      ...(postgresExporter === undefined
        ? []
        : [{ ...scrape(exporterOf(METRICS.postgresUp), postgresExporter), ...atLeast(POSTGRES_ASKED, service) }]),
      ...(redisExporter === undefined ? [] : Object.entries(redis)).map(([store, address]) => {
        const job = exporterOf(METRICS.redisUp);
        return {
          // Names of jobs may not repeat; the label of each is that of the exporter.
          ...scrape(`${job}-${store}`, redisExporter ?? '', { job, store, instance: store }),
          metrics_path: '/scrape',
          params: { target: [address] },
        };
      }),
    ],
  };
}

type Config = { readonly receivers: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[] };

/** The configuration of an Alertmanager with every way to tell somebody replaced: a drill wakes nobody. */
export function localAlertmanagerConfig(service: Service, sink: string): object {
  const config = alertmanagerConfig(service) as Config;
  return {
    ...config,
    receivers: config.receivers.map(({ name, ...ways }) => ({
      name,
      ...(Object.keys(ways).length > 0 && { webhook_configs: [{ url: `${sink}/${name}`, send_resolved: true }] }),
    })),
  };
}

function atLeast(time: Duration, { monitoring }: Service): object {
  const isSlower = toMilliseconds(monitoring.scrapeInterval) >= toMilliseconds(time);
  return isSlower ? {} : { scrape_interval: time, scrape_timeout: time };
}

function exporterOf({ exporter }: Metric): string {
  return exporter;
}
