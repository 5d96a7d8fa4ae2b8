import { prometheusConfig } from '../../alerts/index.ts';
import { GRAFANA_IMAGE, type Service } from '../../service/definition/index.ts';
import { scrapes } from '../charts/monitoring/discovery.ts';
import { dashboardsFile, prometheusSource, sourcesFile } from '../charts/monitoring/grafana-files.ts';
import { ALERTMANAGER_PORT, EXPORTER_PORTS, GRAFANA_PORT, PROMETHEUS_PORT } from '../charts/monitoring/ports.ts';
import { sortedYaml } from '../charts/objects/sorted.ts';
import { POSTGRES_PORT } from '../charts/postgres/place.ts';

/** Keeps traces in its memory; on laptops only. */
const JAEGER_IMAGE = 'jaegertracing/all-in-one:1.76.0';
const JAEGER_PORT = 16_686;
/** Where Jaeger takes traces by OTLP over HTTP. */
const OTLP_PORT = 4318;

const PROFILE = 'observability';

/** The names by which those who watch find the gateway: as on a cluster, where a Service without an address has it. */
export const GATEWAY_ALIASES = ['gateway-ops'] as const;

/** Where the gateway sends its traces in the network of compose. */
export const JAEGER_ENDPOINT = `http://jaeger:${OTLP_PORT}`;

/** What is written into compose.yaml for those who watch: services, the files that these read, and what they keep. */
export type Observability = {
  readonly services: Readonly<Record<string, object>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly volumes: Readonly<Record<string, object>>;
};

/**
 * Prometheus, Alertmanager, Grafana and Jaeger beside the stores' exporters, as a profile. Rules, routes and dashboards
 * are those that `sluice synth` writes: a copy here would be old as soon as somebody edits the definition. The rest,
 * which is of this network alone, stands in the file itself.
 */
export function observability(
  service: Service,
  passwords: { readonly redis: string; readonly postgres: string },
): Observability {
  const { name, environment, monitoring } = service;
  const { images, exporters } = monitoring;
  const ours = { profiles: [PROFILE], restart: 'unless-stopped', ...CONFINED };
  const synthesized = (folder: string, target: string) => ({
    type: 'bind',
    source: `./dist/${environment}/${folder}`,
    target,
    read_only: true,
    // Docker would else make an empty folder, and the program would complain of that.
    bind: { create_host_path: false },
  });
  return {
    services: {
      prometheus: {
        image: images.prometheus,
        ...ours,
        command: [
          '--config.file=/etc/prometheus/prometheus.yaml',
          '--storage.tsdb.path=/prometheus',
          '--storage.tsdb.retention.size=2GB',
          // An example of a slow request leads to its trace.
          '--enable-feature=exemplar-storage',
        ],
        configs: [{ source: 'prometheus', target: '/etc/prometheus/prometheus.yaml' }],
        volumes: [synthesized('prometheus', '/etc/prometheus/rules'), 'prometheus:/prometheus'],
        ports: [published(PROMETHEUS_PORT)],
      },
      alertmanager: {
        image: images.alertmanager,
        ...ours,
        command: [
          '--config.file=/etc/alertmanager/alertmanager.yaml',
          '--storage.path=/alertmanager',
          '--cluster.listen-address=',
        ],
        volumes: [synthesized('alertmanager', '/etc/alertmanager'), 'alertmanager:/alertmanager'],
        ports: [published(ALERTMANAGER_PORT)],
      },
      grafana: {
        image: GRAFANA_IMAGE,
        ...ours,
        environment: GRAFANA_SETTINGS,
        configs: [
          { source: 'grafana-sources', target: '/etc/grafana/provisioning/datasources/sources.yaml' },
          { source: 'grafana-dashboards', target: '/etc/grafana/provisioning/dashboards/dashboards.yaml' },
        ],
        volumes: [synthesized('dashboards', '/etc/grafana/dashboards')],
        ports: [published(GRAFANA_PORT)],
        depends_on: ['prometheus', 'jaeger'],
      },
      jaeger: {
        image: JAEGER_IMAGE,
        ...ours,
        // Without a limit it keeps all that it ever took, until the laptop has no memory left.
        environment: { MEMORY_MAX_TRACES: '50000' },
        ports: [published(JAEGER_PORT)],
      },
      'redis-exporter': {
        image: exporters.redis.image,
        ...ours,
        entrypoint: [exporters.redis.command],
        command: ['--redis.addr=', '--config-command=-', `--web.listen-address=:${EXPORTER_PORTS['redis-exporter']}`],
        environment: { REDIS_PASSWORD: passwords.redis },
      },
      'postgres-exporter': {
        image: exporters.postgres.image,
        ...ours,
        entrypoint: [exporters.postgres.command],
        command: [`--web.listen-address=:${EXPORTER_PORTS['postgres-exporter']}`],
        environment: {
          DATA_SOURCE_URI: `postgres:${POSTGRES_PORT}/${name}?sslmode=disable`,
          DATA_SOURCE_USER: name,
          DATA_SOURCE_PASS: passwords.postgres,
        },
      },
    },
    configs: {
      prometheus: inline(prometheusFile(service)),
      'grafana-sources': inline(
        sourcesFile(
          prometheusSource({
            url: `http://prometheus:${PROMETHEUS_PORT}`,
            scrapeInterval: monitoring.scrapeInterval,
            traces: 'jaeger',
          }),
          { name: 'Jaeger', uid: 'jaeger', type: 'jaeger', access: 'proxy', url: `http://jaeger:${JAEGER_PORT}` },
        ),
      ),
      'grafana-dashboards': inline(dashboardsFile(name, '/etc/grafana/dashboards')),
    },
    volumes: { prometheus: {}, alertmanager: {} },
  };
}

/** What no program here needs. */
const CONFINED = { cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };

/** Whoever reaches the address of this machine's own may look and ask; there is no account, and so no password. */
const GRAFANA_SETTINGS = {
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_AUTH_ANONYMOUS_ENABLED: 'true',
  // A viewer may not ask for the trace of an example.
  GF_AUTH_ANONYMOUS_ORG_ROLE: 'Editor',
  GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
};

/** What this Prometheus scrapes and whom it tells: as a standalone one on a cluster, by the names of compose. */
function prometheusFile(service: Service): object {
  return {
    ...prometheusConfig(service),
    rule_files: ['rules/rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`alertmanager:${ALERTMANAGER_PORT}`] }] }] },
    scrape_configs: scrapes(service),
  };
}

function inline(value: object): { readonly content: string } {
  // Compose reads a dollar sign as the beginning of a variable.
  return { content: sortedYaml(value).replaceAll('$', '$$$$') };
}

/** A port of this machine's own address alone. */
function published(port: number): string {
  return `127.0.0.1:${port}:${port}`;
}
