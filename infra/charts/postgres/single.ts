import { Handler } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { commandProbe, tcpProbe } from '../objects/pod.ts';
import { configFiles, scratch, secretFiles, secretPath } from '../objects/volumes.ts';
import { statefulSet } from '../objects/workload.ts';
import { RECORD_BACKUP } from './backup-record.ts';
import { POSTGRES_ACCOUNT } from './exporter-account.ts';
import { ownerAccount, SUPERUSER } from './owner-account.ts';
import { POSTGRES_PORT } from './place.ts';
import { serverSettings } from './settings.ts';

const COMPONENT = 'postgres';
/** User and group that the public image is built for. */
export const POSTGRES_USER = 999;
const VOLUME_PATH = '/var/lib/postgresql/data';
// Where the image looks for what to do to a database that it has just made, and to no other.
const FIRST_START_PATH = '/docker-entrypoint-initdb.d';

/** Postgres for users, orders and logs: one pod with a volume. */
export class PostgresLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'datastores'>) {
    super(scope, COMPONENT, values);
    const { postgres } = values.datastores;
    const subject: Subject = { identity: values, component: COMPONENT, version: imageVersion(postgres.image) };
    const firstStart = hashedConfigMap(this, {
      name: `${COMPONENT}-first-start`,
      labels: labels(subject),
      // In this order, by their names.
      data: {
        '1-owner.sql': ownerAccount(values.name),
        '2-exporter.sql': POSTGRES_ACCOUNT,
        '3-record.sql': `SET ROLE "${values.name}";\n${RECORD_BACKUP}`,
      },
    });
    const accepts = ['pg_isready', '-h', '127.0.0.1', '-p', `${POSTGRES_PORT}`, '-U', values.name];
    statefulSet(this, subject, {
      service: service(this, subject, 'postgres', POSTGRES_PORT),
      storage: { path: VOLUME_PATH, size: postgres.storage },
      pod: {
        name: COMPONENT,
        image: postgres.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        args: [
          'postgres',
          ...Object.entries(serverSettings(postgres)).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        environment: {
          // Below the mount, whose root belongs to the volume (lost+found) and cannot be made private.
          PGDATA: `${VOLUME_PATH}/pgdata`,
          POSTGRES_DB: values.name,
          POSTGRES_PASSWORD_FILE: `${secretPath(COMPONENT)}/password`,
          POSTGRES_USER: SUPERUSER,
        },
        ports: [{ name: 'postgres', number: POSTGRES_PORT }],
        probes: {
          startup: commandProbe(accepts, { period: '1s', failures: 300 }),
          readiness: commandProbe(accepts, { period: '5s', failures: 1 }),
          liveness: tcpProbe(POSTGRES_PORT, { period: '10s', failures: 3 }),
        },
        // A termination signal alone waits for every client to leave, and pools never do.
        lifecycle: { preStop: Handler.fromCommand(['pg_ctl', 'stop', '--mode=fast', '--wait']) },
        user: POSTGRES_USER,
        ...CONTAINERS.postgres(values),
        volumes: [
          configFiles(this, COMPONENT, firstStart, FIRST_START_PATH),
          secretFiles(this, COMPONENT, COMPONENT, ['password']),
          secretFiles(this, COMPONENT, 'postgres-exporter', ['password']),
          scratch(this, COMPONENT, 'run', '/run/postgresql', '16Mi'),
          scratch(this, COMPONENT, 'tmp', '/tmp', '64Mi'),
        ],
        grace: '60s',
      },
    });
  }
}
