import { Handler } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { toSeconds, type PoolerSettings, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { addDisruptionBudget } from '../objects/availability.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { topologySpread } from '../objects/patches.ts';
import { tcpProbe, type PodProps } from '../objects/pod.ts';
import { configFiles, secretFiles, secretPath, secretScratch } from '../objects/volumes.ts';
import { deployment, keepApart } from '../objects/workload.ts';
import { CLUSTER_CERTIFICATES, certificatesOf } from './access.ts';
import { pgbouncerConfig } from './pgbouncer-config.ts';
import { POSTGRES_PORT, postgresHost, postgresServer } from './place.ts';

const COMPONENT = 'postgres-pooler';
// Any user will do: the program owns no file of its image, and all that it writes to is mounted.
const USER = 10_001;
const CONFIG_PATH = '/etc/pgbouncer';
const RUN_PATH = '/run/pgbouncer';
const USERS = `${RUN_PATH}/users.txt`;

/** Time in which everyone has heard that a pod is going, so that nobody connects to it any more. */
const LOOK_AWAY_SECONDS = 5;
/** What is left of the grace when the last client should have gone. */
const MARGIN_SECONDS = 10;

type Values = Identity & Pick<Service, 'datastores' | 'rollout' | 'scaling'>;

/** PgBouncer between the gateways and Postgres. Throws where the environment has none, or no Postgres of ours. */
export class PostgresPoolerLayer extends Layer {
  constructor(scope: Construct, values: Values) {
    super(scope, COMPONENT, values);
    const { rollout, scaling } = values;
    const { pooler } = values.datastores.postgres;
    if (!pooler) throw new Error('the environment has no pooler');
    const subject: Subject = { identity: values, component: COMPONENT, version: imageVersion(pooler.image) };
    const workload = deployment(this, subject, {
      pod: this.pod(subject, values, pooler),
      replicas: pooler.replicas,
      surge: 1,
      minReady: '5s',
      progressDeadline: rollout.progressDeadline,
      history: 10,
      patches: [topologySpread(COMPONENT, scaling.spreadDomains)],
    });
    keepApart(this, subject, workload);
    service(this, subject, 'postgres', POSTGRES_PORT);
    addDisruptionBudget(this, subject);
  }

  private pod(subject: Subject, values: Values, pooler: PoolerSettings): PodProps {
    const { postgres } = values.datastores;
    const server = postgresServer(postgres);
    if (!server) throw new Error('a pooler needs a Postgres of this environment');
    const isCluster = server === 'postgres-cluster';
    const config = hashedConfigMap(this, {
      name: `${COMPONENT}-config`,
      labels: labels(subject),
      data: {
        'pgbouncer.ini': pgbouncerConfig({ name: values.name, postgres }, pooler, {
          host: postgresHost(server),
          port: POSTGRES_PORT,
          listen: { address: '*', port: POSTGRES_PORT },
          authFile: USERS,
          ...(isCluster && { certificates: certificatesOf(CLUSTER_CERTIFICATES) }),
        }),
      },
    });
    const stay = Math.ceil(toSeconds(pooler.recycle) + toSeconds(postgres.statementTimeout));
    return {
      name: COMPONENT,
      image: pooler.image,
      pullPolicy: 'IfNotPresent',
      account: serviceAccount(this, subject),
      command: ['sh', '-euc', start(values.name)],
      ports: [{ name: 'postgres', number: POSTGRES_PORT }],
      probes: {
        // Not whether Postgres answers: then all pods would go at once.
        startup: tcpProbe(POSTGRES_PORT, { period: '1s', failures: 60 }),
        readiness: tcpProbe(POSTGRES_PORT, { period: '2s', failures: 1 }),
        liveness: tcpProbe(POSTGRES_PORT, { period: '10s', failures: 3 }),
      },
      lifecycle: { preStop: Handler.fromCommand(['sh', '-euc', waitForClients(stay)]) },
      user: USER,
      ...CONTAINERS.postgresPooler(),
      volumes: [
        configFiles(this, COMPONENT, config, CONFIG_PATH),
        secretFiles(this, COMPONENT, 'postgres', ['password']),
        ...(isCluster ? [secretFiles(this, COMPONENT, CLUSTER_CERTIFICATES, ['ca.crt'])] : []),
        secretScratch(this, COMPONENT, 'run', RUN_PATH, '1Mi'),
      ],
      grace: `${LOOK_AWAY_SECONDS + stay + MARGIN_SECONDS}s`,
    };
  }
}

/** Users and passwords in the file that PgBouncer wants them in, readable by itself alone. */
function start(user: string): string {
  return `umask 077
printf '"%s" "%s"\\n' '${user}' "$(cat ${secretPath('postgres')}/password)" > ${USERS}
exec pgbouncer ${CONFIG_PATH}/pgbouncer.ini
`;
}

/**
 * Waits until no client is connected any more. Gateways replace their connections by age, so each leaves by itself
 * between two statements, and nothing is cut. (`SHUTDOWN WAIT_FOR_CLIENTS` does the same from PgBouncer 1.23 on.)
 */
function waitForClients(seconds: number): string {
  const port = POSTGRES_PORT.toString(16).toUpperCase().padStart(4, '0');
  // A local address with our port, in state 01: established.
  const connected = `grep -Eqs '^ *[0-9]+: [0-9A-F]+:${port} [0-9A-F]+:[0-9A-F]{4} 01 ' /proc/net/tcp /proc/net/tcp6`;
  return `sleep ${LOOK_AWAY_SECONDS}
left=${seconds}
while [ "$left" -gt 0 ] && ${connected}; do sleep 1; left=$((left - 1)); done
`;
}
