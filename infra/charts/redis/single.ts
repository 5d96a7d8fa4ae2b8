import type { Construct } from 'constructs';
import { REDIS_STORES, type RedisRole, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { tcpProbe } from '../objects/pod.ts';
import { configFiles, secretFiles, secretPath } from '../objects/volumes.ts';
import { statefulSet } from '../objects/workload.ts';
import { REDIS_ACCOUNT } from './exporter-account.ts';
import { REDIS_PORT } from './place.ts';
import { answersPing, REDIS_CONFIG_PATH, REDIS_DATA_PATH, REDIS_USER, redisSettings } from './settings.ts';

/**
 * Redis in one of its roles: one pod with a password. Of the cache there is never a second one, also where the state is
 * replicated: pods would follow one or the other journal of what is void.
 */
export class RedisLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'stores'>, role: RedisRole) {
    const component = REDIS_STORES[role];
    super(scope, component, values);
    const { redis } = values.stores;
    const subject: Subject = { identity: values, component, version: imageVersion(redis.image) };
    const config = hashedConfigMap(this, {
      name: `${component}-config`,
      labels: labels(subject),
      data: { 'redis.conf': redisSettings(redis, role) },
    });
    const password = `"$(cat ${secretPath(component)}/password)"`;
    statefulSet(this, subject, {
      service: service(this, subject, 'redis', REDIS_PORT),
      ...(role === 'state' && { storage: { path: REDIS_DATA_PATH, size: redis.state.storage } }),
      pod: {
        name: component,
        image: redis.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        // By standard input, because a password in an argument can be read in the list of processes.
        command: [
          'sh',
          '-c',
          `exec redis-server ${REDIS_CONFIG_PATH}/redis.conf - <<END\nrequirepass ${password}\n${REDIS_ACCOUNT}\nEND\n`,
        ],
        ports: [{ name: 'redis', number: REDIS_PORT }],
        probes: {
          startup: answersPing(password, { period: '1s', failures: 120 }),
          readiness: answersPing(password, { period: '5s', failures: 1 }),
          liveness: tcpProbe(REDIS_PORT, { period: '10s', failures: 3 }),
        },
        user: REDIS_USER,
        ...CONTAINERS.redis(values, role),
        volumes: [
          configFiles(this, component, config, REDIS_CONFIG_PATH),
          secretFiles(this, component, component, ['password']),
          secretFiles(this, component, 'redis-exporter', ['password']),
        ],
        grace: '60s',
      },
    });
  }
}
