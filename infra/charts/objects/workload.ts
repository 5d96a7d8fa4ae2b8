import { createHash } from 'node:crypto';
import { ApiObject, Cron, JsonPatch, Size } from 'cdk8s';
import {
  ConcurrencyPolicy,
  CronJob,
  Deployment,
  DeploymentStrategy,
  Job,
  LabelSelector,
  PercentOrAbsolute,
  PodManagementPolicy,
  Pods,
  RestartPolicy,
  StatefulSet,
  Topology,
  type Service,
  type Workload,
} from 'cdk8s-plus-28';
import { toMebibytes, type Bytes, type Duration } from '../../../service/definition/index.ts';
import { LOCAL_DISK } from '../../demand/index.ts';
import { labels, selectorLabels, type Subject } from './labels.ts';
import type { Layer } from './layer.ts';
import {
  ephemeralStorage,
  inJob,
  noAddressLabel,
  noAddressSelector,
  noServiceLinks,
  noVolumeBeside,
  patch,
  podDeadline,
  priorityClass,
  revisionHistory,
  topologySpread,
  volumeClaim,
  type Patch,
} from './patches.ts';
import { priorityOf } from './pod-priority.ts';
import { hardenedPod, seconds, type PodProps } from './pod.ts';
import { sortedJson } from './sorted.ts';
import { claimed } from './volumes.ts';
import { inWave, type Wave } from './waves.ts';

/** A Deployment, as far as those of the service differ. */
export type DeploymentProps = {
  readonly pod: PodProps;
  /** Wanted pods; absent: an autoscaler decides, which every chart that leaves it out must add. */
  readonly replicas?: number;
  /** Pods above the wanted number while rolling; none is ever missing. Absent: the old pod stops first. */
  readonly surge?: number;
  readonly minReady: Duration;
  readonly progressDeadline: Duration;
  /** Releases that can be gone back to. */
  readonly history: number;
  /** Of each pod, so that every ReplicaSet keeps those of its release. */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** When it is applied, where that matters; default with the first. */
  readonly wave?: Wave;
  /** Of the Deployment itself: what those who apply it are told. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly patches?: readonly Patch[];
};

/** A Deployment of pods under the restricted profile, with the labels and the history of its program. */
export function deployment(layer: Layer, subject: Subject, props: DeploymentProps): Deployment {
  const strategy =
    props.surge === undefined
      ? DeploymentStrategy.recreate()
      : DeploymentStrategy.rollingUpdate({
          maxSurge: PercentOrAbsolute.absolute(props.surge),
          maxUnavailable: PercentOrAbsolute.absolute(0),
        });
  const common = metadata(subject);
  const workload = new Deployment(layer, `${subject.component}-deployment`, {
    ...common,
    metadata: {
      ...common.metadata,
      ...((props.wave ?? props.annotations) && {
        annotations: { ...(props.wave && inWave(props.wave)), ...props.annotations },
      }),
    },
    podMetadata: { ...common.podMetadata, ...(props.podAnnotations && { annotations: { ...props.podAnnotations } }) },
    ...hardenedPod(props.pod),
    ...(props.replicas !== undefined && { replicas: props.replicas }),
    strategy,
    minReady: seconds(props.minReady),
    progressDeadline: seconds(props.progressDeadline),
  });
  return select(workload, subject, [revisionHistory(props.history), ...(props.patches ?? [])]);
}

const VOLUME = 'data';

/** A StatefulSet, as far as those of the service differ. */
export type StatefulSetProps = {
  readonly pod: PodProps;
  /** The Service that gives the pod its name. */
  readonly service: Service;
  /** The pod's own volume and where it appears; absent: it keeps nothing. */
  readonly storage?: { readonly path: string; readonly size: Bytes };
  /** Absent: one, never two at once. */
  readonly several?: {
    readonly replicas: number;
    /** How long a pod must have been Ready before the next is replaced. */
    readonly minReady: Duration;
    /** Zones that they are spread over. */
    readonly zones: number;
  };
};

/** A StatefulSet whose pods have a volume of their own where they keep something. */
export function statefulSet(layer: Layer, subject: Subject, props: StatefulSetProps): StatefulSet {
  const { storage, pod, several } = props;
  const mounts = storage ? [claimed(layer, subject.component, VOLUME, storage.path)] : [];
  const workload = new StatefulSet(layer, `${subject.component}-stateful-set`, {
    ...metadata(subject),
    ...hardenedPod({ ...pod, volumes: [...pod.volumes, ...mounts] }),
    replicas: several?.replicas ?? 1,
    service: props.service,
    // All at once when there are none: each may be the one that the others wait for. They are replaced singly.
    ...(several && { podManagementPolicy: PodManagementPolicy.PARALLEL, minReady: seconds(several.minReady) }),
  });
  if (several) keepApart(layer, subject, workload);
  patch(props.service, [noAddressSelector]);
  return select(workload, subject, [
    ...(storage ? [volumeClaim(VOLUME, storage.size), noVolumeBeside(pod.volumes.length)] : []),
    ...(several ? [topologySpread(subject.component, several.zones, [])] : []),
  ]);
}

/** Prefers hosts that have no other pod of the program. */
export function keepApart(layer: Layer, { component }: Subject, workload: Workload): void {
  const others = Pods.select(layer, `${component}-other-pods`, { labels: selectorLabels(component) });
  workload.scheduling.separate(others, { topology: Topology.HOSTNAME, weight: 100 });
}

/** A CronJob, as far as those of the service differ. */
export type CronJobProps = {
  readonly name: string;
  readonly pod: PodProps;
  /** Minute, hour, day of month, month, day of week. */
  readonly schedule: string;
  /** By whose clocks; absent: UTC. */
  readonly timeZone?: string;
  /** How late a run may start whose time was missed; absent: an hour. */
  readonly startingDeadline?: Duration;
  /** Runs that are kept to be looked at, and as many that failed; absent: three. */
  readonly kept?: number;
  /** Never started by the clock, only by hand: `kubectl create job --from=cronjob/NAME`. */
  readonly byHand?: boolean;
  /** The longest that one run may take, with its repetitions. */
  readonly deadline: Duration;
  /** How often a run that failed is tried again. */
  readonly retries: number;
};

/** A CronJob of one pod, of which no two runs overlap. */
export function cronJob(layer: Layer, subject: Subject, props: CronJobProps): CronJob {
  const [minute = '*', hour = '*', day = '*', month = '*', weekDay = '*'] = props.schedule.split(' ');
  const common = labels(subject);
  const workload = new CronJob(layer, `${props.name}-cron-job`, {
    metadata: { name: props.name, labels: common },
    podMetadata: { labels: common },
    select: false,
    ...hardenedPod(props.pod),
    restartPolicy: RestartPolicy.NEVER,
    schedule: new Cron({ minute, hour, day, month, weekDay }),
    timeZone: props.timeZone ?? 'Etc/UTC',
    suspend: props.byHand ?? false,
    concurrencyPolicy: ConcurrencyPolicy.FORBID,
    startingDeadline: seconds(props.startingDeadline ?? '1h'),
    successfulJobsRetained: props.kept ?? 3,
    failedJobsRetained: props.kept ?? 3,
    activeDeadline: seconds(props.deadline),
    backoffLimit: props.retries,
  });
  patch(workload, [...podPatches(subject), podDeadline(props.deadline)].map(inJob));
  return workload;
}

/** A Job, as far as those of the service differ. */
export type JobProps = {
  readonly pod: PodProps;
  /** What it does beside what stands in its fields; changed work is another Job. */
  readonly work: readonly string[];
  readonly wave: Wave;
  /** The longest that it may take, with its repetitions. */
  readonly deadline: Duration;
  readonly retries: number;
  /** How long it is kept once it is over. */
  readonly kept: Duration;
};

/**
 * A Job of one pod that runs once for each release. It cannot be changed, so a hash of its fields and its work stands
 * in its name: what is the same is applied again without effect, what differs is another Job.
 */
export function job(layer: Layer, subject: Subject, props: JobProps): Job {
  const common = labels(subject);
  const workload = new Job(layer, `${subject.component}-job`, {
    metadata: {
      name: subject.component,
      labels: common,
      // As a hook it is no part of what Argo CD compares: that it is gone, once kept for long enough, is no drift.
      annotations: {
        ...inWave(props.wave),
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
      },
    },
    podMetadata: { labels: common },
    select: false,
    ...hardenedPod(props.pod),
    restartPolicy: RestartPolicy.NEVER,
    activeDeadline: seconds(props.deadline),
    backoffLimit: props.retries,
    ttlAfterFinished: seconds(props.kept),
  });
  patch(workload, [...podPatches(subject), podDeadline(props.deadline)]);
  const object = ApiObject.of(workload);
  const { spec } = object.toJson() as { readonly spec: unknown };
  const hash = createHash('sha256').update(sortedJson(spec)).update(props.work.join('\n')).digest('hex').slice(0, 10);
  object.addJsonPatch(JsonPatch.replace('/metadata/name', `${subject.component}-${hash}`));
  return workload;
}

function metadata(subject: Subject) {
  const common = labels(subject);
  return { metadata: { name: subject.component, labels: common }, podMetadata: { labels: common }, select: false };
}

function select<T extends Workload>(workload: T, subject: Subject, patches: readonly Patch[]): T {
  workload.select(LabelSelector.of({ labels: selectorLabels(subject.component) }));
  patch(workload, [...podPatches(subject), ...patches]);
  return workload;
}

/** What every pod has. */
function podPatches({ identity, component }: Subject): readonly Patch[] {
  const priority = priorityOf(identity, component);
  return [
    noServiceLinks,
    noAddressLabel,
    ...ephemeralStorage(disk(LOCAL_DISK.request), disk(LOCAL_DISK.limit)),
    ...(priority === undefined ? [] : [priorityClass(priority)]),
  ];
}

function disk(size: Bytes): Size {
  return Size.mebibytes(toMebibytes(size));
}
