import type { VolumeMount } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { HASH_LABEL } from '../../../alerts/rollback/cluster/template.ts';
import { SAFE_FROM_ANNOTATION } from '../../../alerts/rollback/release-of.ts';
import {
  isGuarded,
  oldestSafeVersion,
  PROBE_KEY,
  PROVIDER_KEYS,
  providerKeysOf,
  REDIS_ROLES,
  REDIS_STORES,
  secretFile,
  type Service,
} from '../../../service/definition/index.ts';
import { readStepFiles, requireSteps } from '../../../service/store/schema/step-files.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { addAutoscaler, addDisruptionBudget } from '../objects/availability.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { labels, type Subject } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { topologySpread } from '../objects/patches.ts';
import { httpProbe, type PodProps } from '../objects/pod.ts';
import { sortedJson } from '../objects/sorted.ts';
import { configFiles, scratch, secretFiles, secretPath } from '../objects/volumes.ts';
import { deployment, keepApart } from '../objects/workload.ts';
import { postgresAccess } from '../postgres/access.ts';
import { APPLICATION_USER, type ImageProps } from './application.ts';
import { tracingAccess } from './tracing.ts';

const COMPONENT = 'gateway';
const CONFIG_PATH = '/etc/sluice';

/**
 * The guard sets the template and the pace when it withdraws a release, and whoever sets a field owns it (server-side
 * apply). The next release must take them over, or it would end in a conflict: Pulumi does not unless it is told. Also
 * where nothing is guarded: what a guard has set stays its own when it is switched off.
 */
const FORCED = { 'pulumi.com/patchForce': 'true' } as const;

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
      annotations: FORCED,
      patches: [topologySpread(COMPONENT, scaling.spreadDomains)],
    });
    keepApart(this, subject, workload);
    service(this, subject, 'http', gateway.port);
    addAutoscaler(this, subject, workload, scaling);
    addDisruptionBudget(this, subject);
  }

  private pod(subject: Subject, values: Service, image: ImageProps): PodProps {
    const { datastores, gateway, stores, telemetry } = values;
    const redis = stores.backend === 'redis';
    const tracing = tracingAccess(this, COMPONENT, telemetry.traces);
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
          REDIS_URL_FILE: `${secretPath(REDIS_STORES.state)}/url`,
          REDIS_CACHE_URL_FILE: `${secretPath(REDIS_STORES.cache)}/url`,
        }),
        ...database.environment,
        ...tracing.environment,
        // The Job of the release applies them.
        MIGRATIONS: 'await',
        ...(isGuarded(values) && { PROBE_KEY_FILE: secretFile(PROBE_KEY) }),
        ...Object.fromEntries(
          providerKeysOf(values.ai).map((key) => [`${key}_FILE`, secretFile({ secret: PROVIDER_KEYS, key })]),
        ),
      },
      // Where an operator scrapes, it tells the release of each pod; a Prometheus that knows addresses alone cannot.
      ...(values.monitoring.kind === 'standalone' && { podLabels: { POD_TEMPLATE_HASH: HASH_LABEL } }),
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
      volumes: [...this.volumes(subject, values, redis), ...database.volumes, ...tracing.volumes],
      grace: gateway.terminationGrace,
    };
  }

  private volumes(subject: Subject, values: Service, redis: boolean): VolumeMount[] {
    const config = hashedConfigMap(this, {
      name: 'gateway-config',
      labels: labels(subject),
      data: { 'service.json': sortedJson(values) },
    });
    const providerKeys = providerKeysOf(values.ai);
    return [
      configFiles(this, COMPONENT, config, CONFIG_PATH),
      ...(redis ? REDIS_ROLES.map((role) => secretFiles(this, COMPONENT, REDIS_STORES[role], ['url'])) : []),
      ...(isGuarded(values) ? [secretFiles(this, COMPONENT, PROBE_KEY.secret, [PROBE_KEY.key])] : []),
      // A gateway serves also without them: a provider whose key is not there is asked nothing.
      ...(providerKeys.length > 0
        ? [secretFiles(this, COMPONENT, PROVIDER_KEYS, providerKeys, { optional: true })]
        : []),
      scratch(this, COMPONENT, 'tmp', '/tmp', '64Mi'),
    ];
  }
}
