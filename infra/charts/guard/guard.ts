import { Handler, ServiceAccount } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { guardConfigOf } from '../../../alerts/rollback/config.ts';
import {
  GUARD_PORT,
  GUARD_TOKEN,
  guardSecrets,
  PROBE_KEY,
  secretFile,
  type Service,
} from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { APPLICATION_USER, type ImageProps } from '../gateway/application.ts';
import { addDisruptionBudget } from '../objects/availability.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { imageVersion, labels, type Subject } from '../objects/labels.ts';
import { Layer, service } from '../objects/layer.ts';
import { topologySpread } from '../objects/patches.ts';
import { httpProbe } from '../objects/pod.ts';
import { sortedJson } from '../objects/sorted.ts';
import { configFiles, secretFiles } from '../objects/volumes.ts';
import { deployment, keepApart } from '../objects/workload.ts';
import { addRecords } from './records.ts';

const COMPONENT = 'guard';
const CONFIG_PATH = '/etc/sluice';

/** The guard: its pods, what they are told of the definition, where alerts reach them, and what they keep. */
export class GuardLayer extends Layer {
  /** Takes the whole environment, of which the guard is told a part; `image` is that of the release. */
  constructor(scope: Construct, values: Service, image: ImageProps) {
    super(scope, COMPONENT, values);
    const { guard } = values.release;
    const version = guard.image === undefined ? values.version : imageVersion(guard.image);
    const subject: Subject = { identity: values, component: COMPONENT, version };
    const config = hashedConfigMap(this, {
      name: 'guard-config',
      labels: labels(subject),
      data: { 'guard.json': sortedJson(guardConfigOf(values)) },
    });
    const workload = deployment(this, subject, {
      pod: {
        name: COMPONENT,
        image: guard.image ?? image.reference,
        pullPolicy: guard.image === undefined ? image.pullPolicy : 'IfNotPresent',
        // Its rights are a layer of their own.
        account: ServiceAccount.fromServiceAccountName(this, 'account', COMPONENT),
        token: true,
        command: ['node', 'alerts/rollback/main.ts'],
        environment: {
          GUARD_CONFIG: `${CONFIG_PATH}/guard.json`,
          GUARD_TOKEN_FILE: secretFile(GUARD_TOKEN),
          PROBE_KEY_FILE: secretFile(PROBE_KEY),
        },
        podName: 'POD_NAME',
        ports: [{ name: 'http', number: GUARD_PORT }],
        probes: {
          startup: httpProbe('/livez', GUARD_PORT, { period: '1s', failures: 60 }),
          readiness: httpProbe('/readyz', GUARD_PORT, { period: '5s', failures: 1 }),
          liveness: httpProbe('/livez', GUARD_PORT, { period: '10s', failures: 3 }),
        },
        // It closes its port at the signal: its address must be gone before that from every table that leads to it.
        lifecycle: { preStop: Handler.fromCommand(['sleep', '5']) },
        user: APPLICATION_USER,
        ...CONTAINERS.guard(),
        volumes: [
          configFiles(this, COMPONENT, config, CONFIG_PATH),
          ...secretsOf(values).map(([secret, keys]) => secretFiles(this, COMPONENT, secret, keys)),
        ],
        grace: '30s',
      },
      replicas: guard.replicas,
      // One watches while the next one starts: a release must not be what stops whoever watches it.
      surge: 1,
      minReady: '0s',
      progressDeadline: values.rollout.progressDeadline,
      history: 2,
      patches: [topologySpread(COMPONENT, values.scaling.spreadDomains)],
    });
    keepApart(this, subject, workload);
    service(this, subject, 'http', GUARD_PORT);
    addDisruptionBudget(this, subject);
    addRecords(this, values);
  }
}

/** Keys of Secrets by the Secret: its own, and those of the receiver that it tells. */
function secretsOf(values: Service): (readonly [secret: string, keys: readonly string[]])[] {
  const bySecret = Map.groupBy([GUARD_TOKEN, PROBE_KEY, ...guardSecrets(values)], ({ secret }) => secret);
  return [...bySecret].map(([secret, references]) => [secret, [...new Set(references.map(({ key }) => key))]]);
}
