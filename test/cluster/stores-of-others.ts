import { randomBytes } from 'node:crypto';
import { definition, type RedisRole } from '../../service/definition/index.ts';
import type { PostgresPod } from './environment.ts';
import { kubectl } from './kubectl.ts';

const { stores, datastores } = definition.prod;
const SECRET_PATH = '/run/secrets/postgres';

type Store = {
  readonly name: string;
  readonly image: string;
  readonly port: number;
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
};

/** Redis in both roles and Postgres in a namespace of their own, by hand: no environment knows more than addresses. */
export class StoresOfOthers {
  readonly namespace = `sluice-test-stores-${randomBytes(4).toString('hex')}`;
  readonly postgres: PostgresPod = { namespace: this.namespace, pod: 'postgres' };
  private readonly password = randomBytes(16).toString('hex');

  /** What an environment is told of them. */
  readonly secrets = {
    redisUrl: `redis://:${this.password}@${this.host('redis')}:6379`,
    redisCacheUrl: `redis://:${this.password}@${this.host('redis-cache')}:6379`,
    databaseUrl: `postgres://sluice:${this.password}@${this.host('postgres')}:5432/sluice`,
  };

  /** Starts them and waits until they answer. */
  async install(): Promise<void> {
    await kubectl('default', ['create', 'namespace', this.namespace]);
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'stores' },
      stringData: { password: this.password },
    };
    const objects = [secret, ...STORES.flatMap(objectsOf)].map((object) => JSON.stringify(object));
    await kubectl(this.namespace, ['apply', '--server-side', '-f', '-'], objects.join('\n'));
    await kubectl(this.namespace, ['wait', '--for=condition=Ready', 'pods', '--all', '--timeout=90s']);
  }

  /** How many keys a role of Redis has. */
  async keys(role: RedisRole): Promise<number> {
    const size = `REDISCLI_AUTH="$(cat ${SECRET_PATH}/password)" redis-cli dbsize`;
    const pod = role === 'state' ? 'redis' : 'redis-cache';
    return Number(await kubectl(this.namespace, ['exec', pod, '--', 'sh', '-c', size]));
  }

  /** Deletes them, without waiting for it. */
  async remove(): Promise<void> {
    await kubectl('default', ['delete', 'namespace', this.namespace, '--ignore-not-found', '--wait=false']);
  }

  private host(store: string): string {
    return `${store}.${this.namespace}.svc.cluster.local`;
  }
}

function redis(name: string, { maxClients, evictionPolicy }: typeof stores.redis.cache) {
  const settings = `--maxclients ${maxClients} --maxmemory 64mb --maxmemory-policy ${evictionPolicy} --save ''`;
  const password = `"$(cat ${SECRET_PATH}/password)"`;
  return {
    name,
    image: stores.redis.image,
    port: 6379,
    command: `exec redis-server --bind 0.0.0.0 --requirepass ${password} ${settings}`,
    environment: {},
  } satisfies Store;
}

const STORES: readonly Store[] = [
  redis('redis', stores.redis.state),
  redis('redis-cache', stores.redis.cache),
  {
    name: 'postgres',
    image: datastores.postgres.image,
    port: 5432,
    command: `exec docker-entrypoint.sh postgres -c max_connections=${datastores.postgres.maxConnections}`,
    environment: {
      PGDATA: '/data/pgdata',
      POSTGRES_DB: 'sluice',
      POSTGRES_USER: 'sluice',
      POSTGRES_PASSWORD_FILE: `${SECRET_PATH}/password`,
    },
  },
];

function objectsOf({ name, image, port, command, environment }: Store): object[] {
  const labels = { app: name };
  const ports = [{ port }];
  const pod = {
    securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image,
        command: ['sh', '-c', command],
        env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'secret', mountPath: SECRET_PATH },
        ],
      },
    ],
    terminationGracePeriodSeconds: 1,
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'secret', secret: { secretName: 'stores' } },
    ],
  };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: pod },
  ];
}
