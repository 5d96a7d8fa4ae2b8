import { Size } from 'cdk8s';
import {
  Deployment,
  DeploymentStrategy,
  LabelSelector,
  PercentOrAbsolute,
  StatefulSet,
  type Service,
  type Workload,
} from 'cdk8s-plus-28';
import type { Bytes, Duration } from '../../service/definition/index.ts';
import { labels, selectorLabels, type Subject } from './labels.ts';
import type { Layer } from './layer.ts';
import {
  ephemeralStorage,
  noAddressLabel,
  noAddressSelector,
  noServiceLinks,
  noVolumeBeside,
  patch,
  revisionHistory,
  volumeClaim,
  type Patch,
} from './patches.ts';
import { hardenedPod, seconds, type PodProps } from './pod.ts';
import { claimed } from './volumes.ts';

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
  const workload = new Deployment(layer, `${subject.component}-deployment`, {
    ...metadata(subject),
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
  /** The pod's own volume and where it appears. */
  readonly storage: { readonly path: string; readonly size: Bytes };
};

/** A StatefulSet of one pod with a volume of its own. */
export function statefulSet(layer: Layer, subject: Subject, props: StatefulSetProps): StatefulSet {
  const mount = claimed(layer, subject.component, VOLUME, props.storage.path);
  const workload = new StatefulSet(layer, `${subject.component}-stateful-set`, {
    ...metadata(subject),
    ...hardenedPod({ ...props.pod, volumes: [...props.pod.volumes, mount] }),
    replicas: 1,
    service: props.service,
  });
  patch(props.service, [noAddressSelector]);
  return select(workload, subject, [volumeClaim(VOLUME, props.storage.size), noVolumeBeside(props.pod.volumes.length)]);
}

function metadata(subject: Subject) {
  const common = labels(subject);
  return { metadata: { name: subject.component, labels: common }, podMetadata: { labels: common }, select: false };
}

function select<T extends Workload>(workload: T, { component }: Subject, patches: readonly Patch[]): T {
  workload.select(LabelSelector.of({ labels: selectorLabels(component) }));
  // Programs write their logs to the node's disk; 1 GiB holds several rotations of them.
  const storage = ephemeralStorage(Size.mebibytes(128), Size.gibibytes(1));
  patch(workload, [noServiceLinks, noAddressLabel, ...storage, ...patches]);
  return workload;
}
