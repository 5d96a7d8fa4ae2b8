import type { Construct } from 'constructs';
import { storeExportersOf, type StoreExporter, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { EXPORTER_ACCOUNT } from '../objects/exporter-account.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, serviceAccount } from '../objects/layer.ts';
import { httpProbe, tcpProbe, type PodProps } from '../objects/pod.ts';
import { sortedYaml } from '../objects/sorted.ts';
import { configFiles, secretFiles, secretPath } from '../objects/volumes.ts';
import { deployment } from '../objects/workload.ts';
import { backupQueries } from '../postgres/backup-record.ts';
import { POSTGRES_PORT } from '../postgres/place.ts';
import { EXPORTER_PORTS } from './ports.ts';

type Values = Identity & Pick<Service, 'datastores' | 'monitoring' | 'rollout' | 'stores'>;

/** What differs between the exporters. */
type Program = Pick<PodProps, 'args' | 'environment' | 'volumes'> & {
  /** Where it answers without asking its store. */
  readonly health: string;
};

// A user that owns nothing; both programs write no file.
const USER = 65_534;
const CONFIG_PATH = '/etc/postgres-exporter';

/**
 * What tells Prometheus of the stores that this environment runs. Pods of their own and no sidecars: a new exporter or
 * one that crashes restarts no store, and it is given its own account of the store instead of the owner's Secret.
 */
export class ExportersLayer extends Layer {
  constructor(scope: Construct, values: Values) {
    super(scope, 'exporters', values);
    for (const exporter of storeExportersOf(values)) this.add(values, exporter);
  }

  private add(values: Values, exporter: StoreExporter): void {
    const { redis, postgres } = values.monitoring.exporters;
    const { image, command } = { 'redis-exporter': redis, 'postgres-exporter': postgres }[exporter];
    const subject: Subject = { identity: values, component: exporter, version: imageVersion(image) };
    const port = EXPORTER_PORTS[exporter];
    const { health, ...program } = PROGRAMS[exporter](this, subject);
    deployment(this, subject, {
      pod: {
        name: exporter,
        image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        command: [command],
        ports: [{ name: 'http', number: port }],
        probes: {
          startup: httpProbe(health, port, { period: '1s', failures: 60 }),
          readiness: httpProbe(health, port, { period: '5s', failures: 3 }),
          liveness: tcpProbe(port, { period: '10s', failures: 3 }),
        },
        user: USER,
        ...CONTAINERS.exporter(),
        ...program,
        grace: '10s',
      },
      replicas: 1,
      minReady: '0s',
      progressDeadline: values.rollout.progressDeadline,
      history: 2,
    });
  }
}

const PROGRAMS: Readonly<Record<StoreExporter, (layer: Layer, subject: Subject) => Program>> = {
  // One program for Redis in both roles: each scrape says which of them it is to ask.
  'redis-exporter': (layer, { component }) => ({
    health: '/health',
    args: [
      // None of its own: a scrape that names no target asks nobody.
      '--redis.addr=',
      `--redis.password-file=${secretPath(component)}/passwords.json`,
      // It may not ask for the configuration, in which the owner's password stands.
      '--config-command=-',
      `--web.listen-address=:${EXPORTER_PORTS['redis-exporter']}`,
    ],
    environment: { REDIS_USER: EXPORTER_ACCOUNT },
    volumes: [secretFiles(layer, component, component, ['passwords.json'])],
  }),
  'postgres-exporter': (layer, subject) => {
    const { component, identity } = subject;
    const config = hashedConfigMap(layer, {
      name: `${component}-config`,
      labels: labels(subject),
      data: { 'queries.yaml': sortedYaml(backupQueries()) },
    });
    return {
      health: '/',
      args: [`--web.listen-address=:${EXPORTER_PORTS['postgres-exporter']}`],
      environment: {
        // Inside the namespace and let in by one NetworkPolicy; the pod of Postgres has no certificate.
        DATA_SOURCE_URI: `postgres:${POSTGRES_PORT}/${identity.name}?sslmode=disable`,
        DATA_SOURCE_USER: EXPORTER_ACCOUNT,
        DATA_SOURCE_PASS_FILE: `${secretPath(component)}/password`,
        PG_EXPORTER_EXTEND_QUERY_PATH: `${CONFIG_PATH}/queries.yaml`,
      },
      volumes: [
        configFiles(layer, component, config, CONFIG_PATH),
        secretFiles(layer, component, component, ['password']),
      ],
    };
  },
};
