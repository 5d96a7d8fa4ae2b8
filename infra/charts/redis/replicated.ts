import { Handler } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { REDIS_STORES, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { addDisruptionBudget } from '../objects/availability.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, namesOfPods, serviceAccount } from '../objects/layer.ts';
import { tcpProbe } from '../objects/pod.ts';
import { configFiles, secretFiles, secretPath } from '../objects/volumes.ts';
import { statefulSet } from '../objects/workload.ts';
import { REDIS_PORT } from './place.ts';
import { findPrimary, handOver, startServer } from './scripts.ts';
import {
  answersPing,
  REDIS_CONFIG_PATH,
  REDIS_DATA_PATH,
  REDIS_USER,
  redisSettings,
  type Setting,
} from './settings.ts';

const COMPONENT = REDIS_STORES.state;

/**
 * A replica has what the primary has acknowledged a moment later, so that a primary which dies takes its last moment
 * with it: a few requests are admitted beyond a limit, a session that was just made must be made again, and one that
 * was just ended lives on. To have each write wait for a replica would cost every request a second way through the
 * network, for less than the owners of limits and sessions would notice. What must not be is a primary that is cut off
 * and goes on for minutes: one that has not heard of a replica for three seconds refuses to write, before the Sentinels
 * make another at five.
 */
const REPLICATION: readonly Setting[] = [
  ['min-replicas-to-write', 1],
  ['min-replicas-max-lag', 3],
  // Nothing is written until the first follows.
  ['repl-diskless-sync-delay', 0],
  // Beside the data, in the room that the pod has for buffers.
  ['client-output-buffer-limit', 'replica 32mb 16mb 60'],
];

/** Ready to take over: it has what the primary has, or is it. */
const FOLLOWS = "redis-cli info replication | grep -Eq '^(role:master|master_link_status:up)'";

/** Redis for the state in several pods, of which one is the primary; the Sentinels say which. */
export class ReplicatedRedisLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'scaling' | 'stores'>) {
    super(scope, COMPONENT, values);
    const { redis } = values.stores;
    const subject: Subject = { identity: values, component: COMPONENT, version: imageVersion(redis.image) };
    const config = hashedConfigMap(this, {
      name: `${COMPONENT}-config`,
      labels: labels(subject),
      data: {
        'hand-over.sh': handOver(),
        'primary.sh': findPrimary(redis),
        'redis.conf': redisSettings(redis, 'state', REPLICATION),
        'start.sh': startServer(),
      },
    });
    const password = `"$(cat ${secretPath(COMPONENT)}/password)"`;
    statefulSet(this, subject, {
      service: namesOfPods(this, subject, 'redis', REDIS_PORT),
      storage: { path: REDIS_DATA_PATH, size: redis.state.storage },
      // Ten seconds: as often as the Sentinels look whether a pod could take over.
      several: { replicas: redis.replicas, minReady: '10s', zones: values.scaling.spreadDomains },
      pod: {
        name: COMPONENT,
        image: redis.image,
        pullPolicy: 'IfNotPresent',
        account: serviceAccount(this, subject),
        command: ['sh', `${REDIS_CONFIG_PATH}/start.sh`],
        ports: [{ name: 'redis', number: REDIS_PORT }],
        probes: {
          startup: answersPing(password, { period: '1s', failures: 120 }),
          readiness: answersPing(password, { period: '5s', failures: 1 }, { then: FOLLOWS }),
          liveness: tcpProbe(REDIS_PORT, { period: '10s', failures: 3 }),
        },
        lifecycle: { preStop: Handler.fromCommand(['sh', `${REDIS_CONFIG_PATH}/hand-over.sh`]) },
        user: REDIS_USER,
        ...CONTAINERS.redis(values, 'state'),
        volumes: [
          configFiles(this, COMPONENT, config, REDIS_CONFIG_PATH),
          secretFiles(this, COMPONENT, COMPONENT, ['password']),
          secretFiles(this, COMPONENT, 'redis-exporter', ['password']),
        ],
        grace: '60s',
      },
    });
    addDisruptionBudget(this, subject);
  }
}
