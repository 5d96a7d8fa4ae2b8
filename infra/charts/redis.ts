import type { Construct } from 'constructs';
import { formatMebibytes, toBytes, type Service } from '../../service/definition/index.ts';
import { REDIS_PORT } from './flows.ts';
import { hashedConfigMap } from './hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from './labels.ts';
import { Layer, service, serviceAccount } from './layer.ts';
import { commandProbe, tcpProbe } from './pod.ts';
import { configFiles, secretFiles, secretPath } from './volumes.ts';
import { statefulSet } from './workload.ts';

const COMPONENT = 'redis';
const CONFIG_PATH = '/etc/redis';
// The user that the public image is built for.
const USER = 999;
const PASSWORD = `"$(cat ${secretPath(COMPONENT)}/password)"`;

/** Redis for cache, limits and sessions: one pod with a password and an append-only file. */
export class RedisLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'stores'>) {
    super(scope, COMPONENT, values);
    const { redis } = values.stores;
    const subject: Subject = { identity: values, component: COMPONENT, version: imageVersion(redis.image) };
    const config = hashedConfigMap(this, {
      name: 'redis-config',
      labels: labels(subject),
      data: { 'redis.conf': configuration(redis) },
    });
    statefulSet(this, subject, {
      service: service(this, subject, 'redis', REDIS_PORT),
      storage: { path: '/data', size: redis.storage },
      pod: {
        name: COMPONENT,
        image: redis.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        // By standard input, because a password in an argument can be read in the list of processes.
        command: ['sh', '-c', `exec redis-server ${CONFIG_PATH}/redis.conf - <<END\nrequirepass ${PASSWORD}\nEND\n`],
        ports: [{ name: 'redis', number: REDIS_PORT }],
        probes: {
          startup: answersPing({ period: '1s', failures: 120 }),
          readiness: answersPing({ period: '5s', failures: 1 }),
          liveness: tcpProbe(REDIS_PORT, { period: '10s', failures: 3 }),
        },
        user: USER,
        cpu: { request: 100 },
        // Beside the data: buffers of clients, and pages copied while the append-only file is rewritten.
        memory: formatMebibytes(toBytes(redis.memory) * 1.5 + toBytes('64Mi')),
        volumes: [
          configFiles(this, COMPONENT, config, CONFIG_PATH),
          secretFiles(this, COMPONENT, COMPONENT, ['password']),
        ],
        grace: '60s',
      },
    });
  }
}

function configuration(redis: Service['stores']['redis']): string {
  const settings: readonly (readonly [string, string | number])[] = [
    ['bind', '* -::*'],
    ['port', REDIS_PORT],
    ['dir', '/data'],
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['save', '""'],
    ['maxclients', redis.maxClients],
    ['maxmemory', toBytes(redis.memory)],
    ['maxmemory-policy', redis.evictionPolicy],
  ];
  return settings.map((setting) => `${setting.join(' ')}\n`).join('');
}

/** `redis-cli` exits with 0 on an error reply, so the reply itself is looked at. */
function answersPing(timing: Parameters<typeof commandProbe>[1]) {
  return commandProbe(['sh', '-c', `REDISCLI_AUTH=${PASSWORD} redis-cli ping | grep -q PONG`], timing);
}
