import { Handler } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import type { Identity, Subject } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { httpProbe } from '../objects/pod.ts';
import { scratch } from '../objects/volumes.ts';
import { deployment } from '../objects/workload.ts';
import { APPLICATION_USER, type ImageProps } from './application.ts';
import { tracingAccess } from './tracing.ts';

const COMPONENT = 'upstream';

/** The sample upstream, for environments that have no real one: one pod and its Service. */
export class UpstreamLayer extends Layer {
  constructor(
    scope: Construct,
    values: Identity & Pick<Service, 'logLevel' | 'rollout' | 'telemetry' | 'upstream'>,
    image: ImageProps,
  ) {
    super(scope, COMPONENT, values);
    const { port } = values.upstream;
    const subject: Subject = { identity: values, component: COMPONENT, version: values.version };
    const tracing = tracingAccess(this, COMPONENT, values.telemetry.traces);
    deployment(this, subject, {
      pod: {
        name: COMPONENT,
        image: image.reference,
        pullPolicy: image.pullPolicy,
        account: serviceAccount(this, subject),
        command: ['node', 'service/upstream/main.ts'],
        environment: { LOG_LEVEL: values.logLevel, PORT: `${port}`, ...tracing.environment },
        ports: [{ name: 'http', number: port }],
        probes: {
          startup: httpProbe('/livez', port, { period: '1s', failures: 60 }),
          readiness: httpProbe('/readyz', port, { period: '5s', failures: 1 }),
          liveness: httpProbe('/livez', port, { period: '10s', failures: 3 }),
        },
        // It closes its port at the signal: its address must be gone before that from every table that leads to it.
        lifecycle: { preStop: Handler.fromCommand(['sleep', '5']) },
        user: APPLICATION_USER,
        ...CONTAINERS.upstream(),
        volumes: [scratch(this, COMPONENT, 'tmp', '/tmp', '64Mi'), ...tracing.volumes],
        grace: '30s',
      },
      replicas: 1,
      surge: 1,
      minReady: '0s',
      progressDeadline: values.rollout.progressDeadline,
      history: 2,
    });
    service(this, subject, 'http', port);
  }
}
