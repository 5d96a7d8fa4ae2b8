import type { Construct } from 'constructs';
import { alertmanagerSecrets, toMebibytes, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Component, type Identity } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { httpProbe } from '../objects/pod.ts';
import { sortedYaml } from '../objects/sorted.ts';
import { configFiles, secretFiles } from '../objects/volumes.ts';
import { deployment } from '../objects/workload.ts';
import { dataMount, dataSize } from './data.ts';
import { addTargets, scrapes } from './discovery.ts';
import { addGrafana } from './grafana.ts';
import { ALERTMANAGER_PORT, PROMETHEUS_PORT } from './ports.ts';

/** What alerts and rules say, in the form of configuration files. */
export type StandaloneMonitoringProps = {
  /** The configuration of Prometheus except whom it scrapes and tells; the rules lie beside it as `rules.yaml`. */
  readonly prometheus: object;
  readonly rules: object;
  /** The configuration of Alertmanager. */
  readonly alertmanager: object;
  /** Dashboards by file name, for Grafana where the definition asks for it. */
  readonly dashboards: ReadonlyMap<string, object>;
};

type Values = Identity &
  Pick<Service, 'datastores' | 'drills' | 'gateway' | 'ingress' | 'monitoring' | 'release' | 'rollout' | 'stores'>;

type Program = {
  readonly component: Extract<Component, 'prometheus' | 'alertmanager'>;
  readonly image: string;
  readonly port: number;
  readonly configPath: string;
  readonly files: Record<string, string>;
  readonly args: readonly string[];
  /** Keys that it reads as files, by their Secret. */
  readonly secrets?: ReadonlyMap<string, readonly string[]>;
};

// The user that both public images are built for.
const USER = 65_534;
const DATA_PATH = '/data';

// Below the size of the volume: what is being written and compacted needs room beside what is kept.
const RETAINED = 0.7;

/**
 * Monitoring of a cluster that has none: a Prometheus and an Alertmanager of the service's own, and Grafana if asked.
 */
export class StandaloneMonitoringLayer extends Layer {
  constructor(scope: Construct, values: Values, props: StandaloneMonitoringProps) {
    super(scope, 'monitoring', values);
    const { grafana, images, storage } = values.monitoring;
    const prometheus = {
      ...props.prometheus,
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`alertmanager:${ALERTMANAGER_PORT}`] }] }] },
      scrape_configs: scrapes(values),
    };
    const retained = Math.floor(toMebibytes(dataSize(storage, 'prometheus')) * RETAINED);
    addTargets(this, values);
    this.add(values, {
      component: 'prometheus',
      image: images.prometheus,
      port: PROMETHEUS_PORT,
      configPath: '/etc/prometheus',
      files: { 'prometheus.yaml': sortedYaml(prometheus), 'rules.yaml': sortedYaml(props.rules) },
      args: [
        '--config.file=/etc/prometheus/prometheus.yaml',
        `--storage.tsdb.path=${DATA_PATH}`,
        `--storage.tsdb.retention.size=${retained}MB`,
        // The traces that buckets name.
        '--enable-feature=exemplar-storage',
      ],
    });
    this.add(values, {
      component: 'alertmanager',
      image: images.alertmanager,
      port: ALERTMANAGER_PORT,
      configPath: '/etc/alertmanager',
      files: { 'alertmanager.yaml': sortedYaml(props.alertmanager) },
      // One instance has no peers to gossip with.
      args: [
        '--config.file=/etc/alertmanager/alertmanager.yaml',
        `--storage.path=${DATA_PATH}`,
        '--cluster.listen-address=',
      ],
      secrets: secretsOf(values),
    });
    if (grafana) addGrafana(this, values, grafana.image, props.dashboards);
  }

  private add(values: Values, program: Program): void {
    const { component, port } = program;
    const subject = { identity: values, component, version: imageVersion(program.image) };
    const config = hashedConfigMap(this, {
      name: `${component}-config`,
      labels: labels(subject),
      data: program.files,
    });
    deployment(this, subject, {
      pod: {
        name: component,
        image: program.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        args: program.args,
        ports: [{ name: 'http', number: port }],
        probes: {
          startup: httpProbe('/-/ready', port, { period: '1s', failures: 120 }),
          readiness: httpProbe('/-/ready', port, { period: '5s', failures: 3 }),
          liveness: httpProbe('/-/healthy', port, { period: '10s', failures: 3 }),
        },
        user: USER,
        ...CONTAINERS[component](),
        volumes: [
          configFiles(this, component, config, program.configPath),
          dataMount(this, subject, values.monitoring.storage, DATA_PATH),
          ...[...(program.secrets ?? [])].map(([secret, keys]) => secretFiles(this, component, secret, keys)),
        ],
        grace: '30s',
      },
      replicas: 1,
      minReady: '0s',
      progressDeadline: values.rollout.progressDeadline,
      history: 2,
    });
    service(this, subject, 'http', port);
  }
}

/** What whoever is told of alerts must be shown. */
function secretsOf(values: Values): ReadonlyMap<string, readonly string[]> {
  const bySecret = Map.groupBy(alertmanagerSecrets(values), ({ secret }) => secret);
  return new Map([...bySecret].map(([secret, references]) => [secret, [...new Set(references.map(({ key }) => key))]]));
}
