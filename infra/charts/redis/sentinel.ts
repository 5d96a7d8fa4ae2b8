import type { Construct } from 'constructs';
import { REDIS_STORES, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS, SENTINEL_STORAGE } from '../../demand/index.ts';
import { addDisruptionBudget } from '../objects/availability.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, namesOfPods, serviceAccount } from '../objects/layer.ts';
import { tcpProbe } from '../objects/pod.ts';
import { configFiles, secretFiles, secretPath } from '../objects/volumes.ts';
import { statefulSet } from '../objects/workload.ts';
import { REDIS_GROUP, SENTINEL, SENTINEL_PORT } from './place.ts';
import { startSentinel } from './scripts.ts';
import { answersPing, REDIS_CONFIG_PATH, REDIS_DATA_PATH, REDIS_USER, settingsText, type Setting } from './settings.ts';

const SETTINGS: readonly Setting[] = [
  ['bind', '* -::*'],
  ['port', SENTINEL_PORT],
  ['dir', REDIS_DATA_PATH],
  // Addresses change with every start of a pod, names never.
  ['sentinel resolve-hostnames', 'yes'],
  ['sentinel announce-hostnames', 'yes'],
  ['sentinel down-after-milliseconds', `${REDIS_GROUP} 5000`],
  // After twice this, an attempt that came to nothing is followed by another.
  ['sentinel failover-timeout', `${REDIS_GROUP} 10000`],
  ['sentinel parallel-syncs', `${REDIS_GROUP} 1`],
];

/**
 * The Sentinels of the replicated state. They are pods of their own, not beside each Redis: their number, which must be
 * odd, is not bound to that of the replicas, and a Redis that is replaced takes no vote with it. With each in another
 * node, those that are left after the loss of one are enough to choose another primary.
 */
export class SentinelLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'scaling' | 'stores'>) {
    super(scope, SENTINEL, values);
    const { redis } = values.stores;
    const subject: Subject = { identity: values, component: SENTINEL, version: imageVersion(redis.image) };
    const config = hashedConfigMap(this, {
      name: `${SENTINEL}-config`,
      labels: labels(subject),
      data: { 'sentinel.conf': settingsText(SETTINGS), 'start.sh': startSentinel(redis) },
    });
    const secret = REDIS_STORES.state;
    const password = `"$(cat ${secretPath(secret)}/password)"`;
    const port = SENTINEL_PORT;
    statefulSet(this, subject, {
      service: namesOfPods(this, subject, 'sentinel', port),
      storage: { path: REDIS_DATA_PATH, size: SENTINEL_STORAGE },
      several: { replicas: redis.sentinels, minReady: '10s', zones: values.scaling.spreadDomains },
      pod: {
        name: SENTINEL,
        image: redis.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        command: ['sh', `${REDIS_CONFIG_PATH}/start.sh`],
        ports: [{ name: 'sentinel', number: port }],
        probes: {
          startup: answersPing(password, { period: '1s', failures: 60 }, { port }),
          readiness: answersPing(password, { period: '5s', failures: 1 }, { port }),
          liveness: tcpProbe(port, { period: '10s', failures: 3 }),
        },
        user: REDIS_USER,
        ...CONTAINERS.redisSentinel(),
        volumes: [
          configFiles(this, SENTINEL, config, REDIS_CONFIG_PATH),
          secretFiles(this, SENTINEL, secret, ['password']),
        ],
        grace: '10s',
      },
    });
    addDisruptionBudget(this, subject);
  }
}
