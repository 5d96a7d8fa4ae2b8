import { Duration, Size } from 'cdk8s';
import {
  Capability,
  Cpu,
  EnvFieldPaths,
  EnvValue,
  FsGroupChangePolicy,
  ImagePullPolicy,
  Probe,
  SeccompProfileType,
  type AbstractPodProps,
  type ContainerLifecycle,
  type ContainerPort,
  type IServiceAccount,
  type VolumeMount,
} from 'cdk8s-plus-28';
import { toMebibytes, toSeconds, type Duration as DurationText } from '../../../service/definition/index.ts';
import type { Resources } from '../../demand/index.ts';

/** How often a probe asks and how many failures in a row count. */
export type ProbeTiming = { readonly period: DurationText; readonly failures: number };

/**
 * A pod of one container, as far as the pods of the service differ; what it asks for is of the table in `infra/demand`.
 */
export type PodProps = {
  readonly name: string;
  readonly image: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent';
  readonly account: IServiceAccount;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables that tell the container a label of its own pod: the label by the variable. */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** The variable that tells the container the name of its pod; absent: none does. */
  readonly podName?: string;
  /** Whether the pod gets the token of its account, by which it speaks to the API server; absent: it does not. */
  readonly token?: true;
  readonly ports?: readonly ContainerPort[];
  /** Absent for a pod that does its work and ends. */
  readonly probes?: { readonly startup?: Probe; readonly readiness: Probe; readonly liveness: Probe };
  readonly lifecycle?: ContainerLifecycle;
  /** Number of the user and of the group that the container runs as. */
  readonly user: number;
  readonly volumes: readonly VolumeMount[];
  readonly grace: DurationText;
} & Resources;

/** The pod under the restricted profile: fixed numeric user, no capability, read-only root, no token unasked. */
export function hardenedPod(props: PodProps): AbstractPodProps {
  const memory = Size.mebibytes(toMebibytes(props.memory));
  return {
    serviceAccount: props.account,
    automountServiceAccountToken: props.token ?? false,
    terminationGracePeriod: seconds(props.grace),
    securityContext: {
      user: props.user,
      group: props.user,
      fsGroup: props.user,
      fsGroupChangePolicy: FsGroupChangePolicy.ON_ROOT_MISMATCH,
    },
    containers: [
      {
        name: props.name,
        image: props.image,
        imagePullPolicy: props.pullPolicy === 'Always' ? ImagePullPolicy.ALWAYS : ImagePullPolicy.IF_NOT_PRESENT,
        ...(props.command && { command: [...props.command] }),
        ...(props.args && { args: [...props.args] }),
        ...(props.lifecycle && { lifecycle: props.lifecycle }),
        envVariables: Object.fromEntries([
          ...Object.entries(props.environment ?? {}).map(([name, value]) => [name, EnvValue.fromValue(value)] as const),
          ...Object.entries(props.podLabels ?? {}).map(
            ([name, key]) => [name, EnvValue.fromFieldRef(EnvFieldPaths.POD_LABEL, { key })] as const,
          ),
          ...(props.podName === undefined
            ? []
            : [[props.podName, EnvValue.fromFieldRef(EnvFieldPaths.POD_NAME)] as const]),
        ]),
        ports: [...(props.ports ?? [])],
        ...props.probes,
        resources: {
          cpu: { request: Cpu.millis(props.cpu.request), limit: Cpu.millis(props.cpu.limit) },
          memory: { request: memory, limit: memory },
        },
        securityContext: {
          user: props.user,
          group: props.user,
          capabilities: { drop: [Capability.ALL] },
          seccompProfile: { type: SeccompProfileType.RUNTIME_DEFAULT },
        },
        volumeMounts: [...props.volumes],
      },
    ],
  };
}

/** A probe that asks for a path over HTTP. */
export function httpProbe(path: string, port: number, timing: ProbeTiming): Probe {
  return Probe.fromHttpGet(path, { port, ...probeOptions(timing) });
}

/** A probe that runs a command in the container. */
export function commandProbe(command: readonly string[], timing: ProbeTiming): Probe {
  return Probe.fromCommand([...command], probeOptions(timing));
}

/** A probe that opens a connection. */
export function tcpProbe(port: number, timing: ProbeTiming): Probe {
  return Probe.fromTcpSocket({ port, ...probeOptions(timing) });
}

/** Whole seconds, which is what Kubernetes counts in, rounded up. */
export function seconds(duration: DurationText): Duration {
  return Duration.seconds(Math.ceil(toSeconds(duration)));
}

function probeOptions({ period, failures }: ProbeTiming) {
  const periodSeconds = seconds(period);
  // An answer that takes longer than the period would let probes pile up.
  const timeoutSeconds = Duration.seconds(Math.min(5, periodSeconds.toSeconds()));
  return { periodSeconds, timeoutSeconds, failureThreshold: failures };
}
