import type { VolumeMount } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { oldestSafeVersion, REDIS_ROLES, type Service } from '../../service/definition/index.ts';
import { readStepFiles, requireSteps } from '../../service/store/schema/step-files.ts';
import { CONTAINERS } from '../demand/index.ts';
import { addAutoscaler, addDisruptionBudget } from './availability.ts';
import { hashedConfigMap } from './hashed-config-map.ts';
import { labels, REDIS_COMPONENTS, type Subject } from './labels.ts';
import { Layer, service, serviceAccount } from './layer.ts';
import { topologySpread } from './patches.ts';
import { httpProbe, type PodProps } from './pod.ts';
import { postgresAccess } from './postgres-access.ts';
import { sortedJson } from './sorted.ts';
import { configFiles, scratch, secretFiles, secretPath } from './volumes.ts';
import { deployment, keepApart } from './workload.ts';

/** An image to run and when a node asks the registry for it. */
export type ImageProps = {
  readonly reference: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent';
  /** Commit that the image was built from; absent: the image tells it itself. */
  readonly commit?: string;
};

const COMPONENT = 'gateway';
const CONFIG_PATH = '/etc/sluice';

/** The oldest version that can run once the migrations of a release are applied: none before it may be gone back to. */
export const SAFE_FROM_ANNOTATION = 'sluice/safe-from';

/** User and group of the project's image. */
export const APPLICATION_USER = 10_001;

/** The gateway: its configuration, pods, Service, autoscaler and disruption budget. */
export class GatewayLayer extends Layer {
  /** Takes the whole environment, because that is the configuration that the gateway reads at start. */
  constructor(scope: Construct, values: Service, image: ImageProps) {
    super(scope, COMPONENT, values);
    const { gateway, rollout, scaling } = values;
    const subject: Subject = { identity: values, component: COMPONENT, version: values.version };
    const workload = deployment(this, subject, {
      pod: this.pod(subject, values, image),
      surge: rollout.surge,
      minReady: rollout.minReady,
      progressDeadline: rollout.progressDeadline,
      history: 10,
      podAnnotations: { [SAFE_FROM_ANNOTATION]: oldestSafeVersion(requireSteps(readStepFiles())) },
      wave: 'gateway',
      patches: [topologySpread(COMPONENT, scaling.spreadDomains)],
    });
    keepApart(this, subject, workload);
    service(this, subject, 'http', gateway.port);
    addAutoscaler(this, subject, workload, scaling);
    addDisruptionBudget(this, subject);
  }

  private pod(subject: Subject, values: Service, image: ImageProps): PodProps {
    const { datastores, gateway, stores } = values;
    const redis = stores.backend === 'redis';
    const database = postgresAccess(this, COMPONENT, datastores.postgres, { pooled: true });
    return {
      name: COMPONENT,
      image: image.reference,
      pullPolicy: image.pullPolicy,
      account: serviceAccount(this, subject),
      command: ['node', 'service/main.ts'],
      environment: {
        SLUICE_DEFINITION: `${CONFIG_PATH}/service.json`,
        ...(image.commit !== undefined && { SLUICE_COMMIT: image.commit }),
        CACHE_BACKEND: stores.backend,
        ...(redis && {
          REDIS_URL_FILE: `${secretPath(REDIS_COMPONENTS.state)}/url`,
          REDIS_CACHE_URL_FILE: `${secretPath(REDIS_COMPONENTS.cache)}/url`,
        }),
        ...database.environment,
        // The Job of the release applies them.
        MIGRATIONS: 'await',
      },
      ports: [
        { name: 'http', number: gateway.port },
        { name: 'ops', number: gateway.opsPort },
      ],
      probes: {
        startup: httpProbe('/livez', gateway.opsPort, gateway.probes.startup),
        readiness: httpProbe('/readyz', gateway.opsPort, gateway.probes.readiness),
        liveness: httpProbe('/livez', gateway.opsPort, gateway.probes.liveness),
      },
      user: APPLICATION_USER,
      ...CONTAINERS.gateway(values),
      volumes: [...this.volumes(subject, values, redis), ...database.volumes],
      grace: gateway.terminationGrace,
    };
  }

  private volumes(subject: Subject, values: Service, redis: boolean): VolumeMount[] {
    const config = hashedConfigMap(this, {
      name: 'gateway-config',
      labels: labels(subject),
      data: { 'service.json': sortedJson(values) },
    });
    return [
      configFiles(this, COMPONENT, config, CONFIG_PATH),
      ...(redis ? REDIS_ROLES.map((role) => secretFiles(this, COMPONENT, REDIS_COMPONENTS[role], ['url'])) : []),
      scratch(this, COMPONENT, 'tmp', '/tmp', '64Mi'),
    ];
  }
}
