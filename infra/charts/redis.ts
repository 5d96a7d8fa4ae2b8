import type { Construct } from 'constructs';
import { toBytes, type RedisRole, type Service } from '../../service/definition/index.ts';
import { CONTAINERS } from '../demand/index.ts';
import { REDIS_PORT } from './flows.ts';
import { hashedConfigMap } from './hashed-config-map.ts';
import { imageVersion, labels, REDIS_COMPONENTS, type Identity, type Subject } from './labels.ts';
import { Layer, service, serviceAccount } from './layer.ts';
import { commandProbe, tcpProbe } from './pod.ts';
import { configFiles, secretFiles, secretPath } from './volumes.ts';
import { statefulSet } from './workload.ts';

const CONFIG_PATH = '/etc/redis';
// The user that the public image is built for.
const USER = 999;

type Redis = Service['stores']['redis'];
type Setting = readonly [name: string, value: string | number];

/** What the roles keep on disk: after a restart the state is there again, and a cache begins empty. */
const PERSISTENCE: Readonly<Record<RedisRole, readonly Setting[]>> = {
  state: [
    ['dir', '/data'],
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['save', '""'],
  ],
  // What voids answers must not be older than the answers; so they are lost together.
  cache: [
    ['appendonly', 'no'],
    ['save', '""'],
  ],
};

/**
 * Redis in one of its roles: one pod with a password. There is never a second one beside it, also for the cache: pods
 * would follow one or the other journal of what is void.
 */
export class RedisLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'stores'>, role: RedisRole) {
    const component = REDIS_COMPONENTS[role];
    super(scope, component, values);
    const { redis } = values.stores;
    const subject: Subject = { identity: values, component, version: imageVersion(redis.image) };
    const config = hashedConfigMap(this, {
      name: `${component}-config`,
      labels: labels(subject),
      data: { 'redis.conf': configuration(redis, role) },
    });
    const password = `"$(cat ${secretPath(component)}/password)"`;
    statefulSet(this, subject, {
      service: service(this, subject, 'redis', REDIS_PORT),
      ...(role === 'state' && { storage: { path: '/data', size: redis.state.storage } }),
      pod: {
        name: component,
        image: redis.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        // By standard input, because a password in an argument can be read in the list of processes.
        command: ['sh', '-c', `exec redis-server ${CONFIG_PATH}/redis.conf - <<END\nrequirepass ${password}\nEND\n`],
        ports: [{ name: 'redis', number: REDIS_PORT }],
        probes: {
          startup: answersPing(password, { period: '1s', failures: 120 }),
          readiness: answersPing(password, { period: '5s', failures: 1 }),
          liveness: tcpProbe(REDIS_PORT, { period: '10s', failures: 3 }),
        },
        user: USER,
        ...CONTAINERS.redis(values, role),
        volumes: [
          configFiles(this, component, config, CONFIG_PATH),
          secretFiles(this, component, component, ['password']),
        ],
        grace: '60s',
      },
    });
  }
}

function configuration(redis: Redis, role: RedisRole): string {
  const { maxClients, memory, evictionPolicy } = redis[role];
  const settings: readonly Setting[] = [
    ['bind', '* -::*'],
    ['port', REDIS_PORT],
    ...PERSISTENCE[role],
    ['maxclients', maxClients],
    ['maxmemory', toBytes(memory)],
    ['maxmemory-policy', evictionPolicy],
  ];
  return settings.map((setting) => `${setting.join(' ')}\n`).join('');
}

/** `redis-cli` exits with 0 on an error reply, so the reply itself is looked at. */
function answersPing(password: string, timing: Parameters<typeof commandProbe>[1]) {
  return commandProbe(['sh', '-c', `REDISCLI_AUTH=${password} redis-cli ping | grep -q PONG`], timing);
}
