import type { LiveObject } from './live-object.ts';

/** Why a pod does not get Ready. */
export type Trouble = {
  /** One sentence. */
  readonly problem: string;
  /** Whether waiting cannot mend it. */
  readonly isFinal: boolean;
  /** The container whose last words tell more. */
  readonly crashed?: string;
};

/** Ends before its start that the same pod never gets over: somebody has to change something. */
const REASONS: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'its image cannot be pulled',
  ErrImageNeverPull: 'its image is not on the node and may not be pulled',
  InvalidImageName: 'its image has no valid name',
  CreateContainerConfigError: 'its configuration is not there',
  CreateContainerError: 'its container cannot be made',
  RunContainerError: 'its container cannot be started',
};

/** Once or twice a program may end because what it needs was not there yet. */
const CRASHES = 3;

/** What keeps a pod from getting Ready; undefined when it is Ready or nothing is known yet. */
export function troubleOf(pod: LiveObject, events: readonly LiveObject[]): Trouble | undefined {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = (pod.status ?? {}) as PodStatus;
  if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return undefined;
  const name = `pod ${pod.metadata.name}`;
  for (const container of [...initContainerStatuses, ...containerStatuses]) {
    const { reason = '', message = '' } = container.state?.waiting ?? {};
    if (Object.hasOwn(REASONS, reason)) {
      const what = `${name}: ${REASONS[reason] ?? ''} (${reason}: ${container.image}${message === '' ? '' : `, ${oneLine(message)}`})`;
      return { problem: what, isFinal: true };
    }
    if (reason === 'CrashLoopBackOff') {
      const { exitCode, reason: why } = container.lastState?.terminated ?? {};
      const ended =
        exitCode === undefined ? '' : `, the last time with exit code ${exitCode} (${why ?? 'no reason given'})`;
      return {
        problem: `${name}: ${container.name} has ended ${container.restartCount} times${ended}`,
        isFinal: container.restartCount >= CRASHES,
        crashed: container.name,
      };
    }
  }
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { problem: `${name}: no node takes it (${oneLine(scheduled.message ?? '')})`, isFinal: false };
  }
  const failure = probeFailure(pod, events);
  return failure === undefined ? undefined : { problem: `${name}: ${failure}`, isFinal: false };
}

type PodStatus = {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
};

type ContainerStatus = {
  readonly name: string;
  readonly image: string;
  readonly restartCount: number;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: { readonly terminated?: { readonly exitCode: number; readonly reason?: string } };
};

/** What the kubelet said last of a probe that fails. */
function probeFailure({ metadata }: LiveObject, events: readonly LiveObject[]): string | undefined {
  const about = events.filter(
    (event) =>
      event.reason === 'Unhealthy' &&
      (event.involvedObject as { readonly name?: string } | undefined)?.name === metadata.name,
  );
  const last = about.toSorted((a, b) => (String(a.lastTimestamp) < String(b.lastTimestamp) ? 1 : -1))[0];
  return last && oneLine(String(last.message));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
