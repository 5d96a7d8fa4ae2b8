import type { Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity } from '../objects/labels.ts';
import { service, serviceAccount, type Layer } from '../objects/layer.ts';
import { httpProbe, tcpProbe } from '../objects/pod.ts';
import { sorted, sortedYaml } from '../objects/sorted.ts';
import { filesAt, scratch, secretFiles, secretPath } from '../objects/volumes.ts';
import { deployment } from '../objects/workload.ts';
import { dataMount } from './data.ts';
import { dashboardsFile, prometheusSource, sourcesFile } from './grafana-files.ts';
import { GRAFANA_PORT, PROMETHEUS_PORT } from './ports.ts';

const COMPONENT = 'grafana';
// Not the image's own, 472, which may be somebody's on the node; all that it writes to is mounted.
const USER = 65_534;
const DATA_PATH = '/var/lib/grafana';
const PROVISIONING_PATH = '/etc/grafana/provisioning';
const DASHBOARDS_PATH = '/etc/grafana/dashboards';

/**
 * Grafana with the Prometheus beside it and the dashboards of the definition, which nobody edits there: what is drawn
 * is what was reviewed. People reach it by `kubectl port-forward`; no flow leads to it.
 */
export function addGrafana(
  layer: Layer,
  values: Identity & Pick<Service, 'monitoring' | 'rollout'>,
  image: string,
  dashboards: ReadonlyMap<string, object>,
): void {
  const subject = { identity: values, component: COMPONENT, version: imageVersion(image) } as const;
  const files = (name: string, data: Record<string, string>) =>
    hashedConfigMap(layer, { name: `${COMPONENT}-${name}`, labels: labels(subject), data });
  const { scrapeInterval } = values.monitoring;
  const prometheus = prometheusSource({ url: `http://prometheus:${PROMETHEUS_PORT}`, scrapeInterval });
  const datasources = files('datasources', { 'prometheus.yaml': sortedYaml(sourcesFile(prometheus)) });
  const providers = files('providers', { 'dashboards.yaml': sortedYaml(dashboardsFile(values.name, DASHBOARDS_PATH)) });
  const boards = files(
    'dashboards',
    // In one line each: what kubectl notes of an object that it applied may not have more than 256 KiB.
    Object.fromEntries([...dashboards].map(([file, board]) => [file, JSON.stringify(sorted(board))])),
  );
  deployment(layer, subject, {
    pod: {
      name: COMPONENT,
      image,
      pullPolicy: 'IfNotPresent',
      account: serviceAccount(layer, subject),
      environment: {
        GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
        GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
        GF_ANALYTICS_REPORTING_ENABLED: 'false',
        GF_PATHS_DATA: DATA_PATH,
        GF_PATHS_PROVISIONING: PROVISIONING_PATH,
        GF_PLUGINS_PREINSTALL_DISABLED: 'true',
        GF_SECURITY_ADMIN_PASSWORD__FILE: `${secretPath(COMPONENT)}/password`,
        GF_SECURITY_DISABLE_GRAVATAR: 'true',
        GF_SERVER_HTTP_PORT: `${GRAFANA_PORT}`,
        GF_USERS_ALLOW_SIGN_UP: 'false',
      },
      ports: [{ name: 'http', number: GRAFANA_PORT }],
      probes: {
        startup: httpProbe('/api/health', GRAFANA_PORT, { period: '2s', failures: 60 }),
        readiness: httpProbe('/api/health', GRAFANA_PORT, { period: '5s', failures: 3 }),
        liveness: tcpProbe(GRAFANA_PORT, { period: '10s', failures: 3 }),
      },
      user: USER,
      ...CONTAINERS.grafana(),
      volumes: [
        filesAt(layer, COMPONENT, 'datasources', datasources, `${PROVISIONING_PATH}/datasources`),
        filesAt(layer, COMPONENT, 'providers', providers, `${PROVISIONING_PATH}/dashboards`),
        filesAt(layer, COMPONENT, 'dashboards', boards, DASHBOARDS_PATH),
        secretFiles(layer, COMPONENT, COMPONENT, ['password']),
        dataMount(layer, subject, values.monitoring.storage, DATA_PATH),
        scratch(layer, COMPONENT, 'tmp', '/tmp', '64Mi'),
      ],
      grace: '30s',
    },
    replicas: 1,
    minReady: '0s',
    progressDeadline: values.rollout.progressDeadline,
    history: 2,
  });
  service(layer, subject, 'http', GRAFANA_PORT);
}
