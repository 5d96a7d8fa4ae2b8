import { Handler, ServiceAccount } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { DRILL } from '../../../chaos/drill/cluster/names.ts';
import { DRILL_KEY, DRILL_PORT, secretFile, type Service } from '../../../service/definition/index.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { APPLICATION_USER, type ImageProps } from '../gateway/application.ts';
import { hashedConfigMap } from '../objects/hashed-config-map.ts';
import { labels, type Component, type Subject } from '../objects/labels.ts';
import { Layer, service, serviceAccount } from '../objects/layer.ts';
import { httpProbe, type PodProps } from '../objects/pod.ts';
import { sortedJson } from '../objects/sorted.ts';
import { configFiles, scratch, secretFiles } from '../objects/volumes.ts';
import { cronJob, deployment } from '../objects/workload.ts';
import { postgresAccess } from '../postgres/access.ts';
import { addRecords } from './records.ts';

const RUNNER = DRILL.runner;
const KEEPER = DRILL.keeper;
const PROXY = 'drill-proxy';
const CONFIG_PATH = '/etc/sluice';

/** What is missed by more, because nothing started Jobs then, is not made up for at an hour that nobody chose. */
const STARTING_DEADLINE = '10m';

/** A year of reports: they belong to the Job that wrote them, and go with it. */
const RUNS_KEPT = 12;

/**
 * The drills of an environment: the CronJob that runs experiments and judges them, and the keeper, which alone injects
 * faults and takes them back. They are two programs so that a drill which dies leaves no fault.
 */
export class DrillLayer extends Layer {
  /** Takes the whole environment, of which experiments look at any value; `image` is that of the release. */
  constructor(scope: Construct, values: Service, image: ImageProps) {
    super(scope, RUNNER, values);
    const subject = (component: Component): Subject => ({ identity: values, component, version: values.version });
    const config = hashedConfigMap(this, {
      name: 'drill-config',
      labels: labels(subject(RUNNER)),
      data: { 'service.json': sortedJson(values) },
    });
    const pod = (component: typeof KEEPER | typeof RUNNER) => ({
      name: component,
      image: image.reference,
      pullPolicy: image.pullPolicy,
      // Its rights are a layer of their own.
      account: ServiceAccount.fromServiceAccountName(this, `${component}-account`, component),
      token: true as const,
      environment: {
        SLUICE_DEFINITION: `${CONFIG_PATH}/service.json`,
        ...(image.commit !== undefined && { SLUICE_COMMIT: image.commit }),
        DRILL_KEY_FILE: secretFile(DRILL_KEY),
      },
      podName: 'POD_NAME',
      user: APPLICATION_USER,
      volumes: [
        configFiles(this, component, config, CONFIG_PATH),
        secretFiles(this, component, DRILL_KEY.secret, [DRILL_KEY.key]),
        scratch(this, component, 'tmp', '/tmp', '256Mi'),
      ],
      grace: '30s' as const,
    });
    this.addKeeper(subject(KEEPER), values, pod(KEEPER));
    this.addRunner(subject(RUNNER), values, pod(RUNNER));
    // The keeper makes the pods, as large as its own; by their account they may do nothing.
    serviceAccount(this, subject(PROXY));
    addRecords(this, values);
  }

  /** One, and never two: each would take back what the other injects. */
  private addKeeper(subject: Subject, { rollout }: Service, pod: Omit<PodProps, 'cpu' | 'memory'>): void {
    deployment(this, subject, {
      pod: {
        ...pod,
        command: ['node', 'chaos/drill/cluster/keeper/main.ts'],
        ports: [{ name: 'http', number: DRILL_PORT }],
        probes: {
          startup: httpProbe('/livez', DRILL_PORT, { period: '1s', failures: 60 }),
          readiness: httpProbe('/readyz', DRILL_PORT, { period: '5s', failures: 1 }),
          liveness: httpProbe('/livez', DRILL_PORT, { period: '10s', failures: 3 }),
        },
        // It closes its port at the signal: its address must be gone before that from every table that leads to it.
        lifecycle: { preStop: Handler.fromCommand(['sleep', '5']) },
        ...CONTAINERS.drillKeeper(),
      },
      replicas: 1,
      minReady: '0s',
      progressDeadline: rollout.progressDeadline,
      history: 2,
    });
    service(this, subject, 'http', DRILL_PORT);
  }

  private addRunner(subject: Subject, { datastores, drills }: Service, pod: Omit<PodProps, 'cpu' | 'memory'>): void {
    // Users and keys for its load are its own; not by a pooler, which may be what is drilled.
    const database = postgresAccess(this, RUNNER, datastores.postgres, { pooled: false });
    cronJob(this, subject, {
      name: RUNNER,
      schedule: drills.schedule,
      timeZone: drills.timeZone,
      startingDeadline: STARTING_DEADLINE,
      kept: RUNS_KEPT,
      deadline: drills.deadline,
      // What went wrong once is to be read, and not to be done again to those who use it.
      retries: 0,
      pod: {
        ...pod,
        command: ['node', 'chaos/drill/cluster/main.ts', '--all'],
        environment: { ...pod.environment, ...database.environment },
        volumes: [...pod.volumes, ...database.volumes],
        ...CONTAINERS.drill(),
      },
    });
  }
}
