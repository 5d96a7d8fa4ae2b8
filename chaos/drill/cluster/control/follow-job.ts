import type { Clock } from '../../clock.ts';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import type { Place } from '../place.ts';

/** Who is told, and what breaks it off. */
export type FollowOptions = {
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  /** Ends the following, not the drill. */
  readonly signal: AbortSignal;
};

const LOOK_EVERY_MS = 1_000;
/** How long the API server may not answer until it is given up. */
const PATIENCE_MS = 120_000;

/**
 * Follows the log of a Job until its end; gives the exit code of its program. A connection that is lost, or an API server
 * that is away for a while, is borne: every line is told once. Rejects when it is away for too long, or the Job is gone.
 */
export async function followJob(place: Place, job: string, options: FollowOptions): Promise<number> {
  const { clock, onLine, signal } = options;
  const lines = linesOf(place, onLine);
  let answeredAt = clock.now();
  for (;;) {
    signal.throwIfAborted();
    try {
      const pod = await findPod(place, job);
      const code = pod && exitCodeOf(pod);
      if (pod && hasStarted(pod)) await lines(pod.metadata.name);
      answeredAt = clock.now();
      if (code !== undefined) return code;
      if (!pod) await requireJob(place, job);
    } catch (error) {
      const isBorne = error instanceof ClusterError && error.problem === 'unreachable';
      if (!isBorne || clock.now() - answeredAt > PATIENCE_MS) throw error;
    }
    await clock.wait(LOOK_EVERY_MS, signal);
  }
}

async function findPod(place: Place, job: string): Promise<LiveObject | undefined> {
  return (await place.list('Pod', { 'batch.kubernetes.io/job-name': job }))[0];
}

/** Why there is no pod of a Job; nothing where there may still come one. */
async function requireJob(place: Place, job: string): Promise<void> {
  const found = await place.require('Job', job);
  const { conditions = [] } = (found.status ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
  const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed)
    throw new ClusterError('failed', `the Job ${job} ended without a pod: ${failed.message ?? 'it does not say why'}`);
}

type Status = {
  readonly phase?: string;
  readonly containerStatuses?: readonly {
    readonly state: { readonly running?: object; readonly terminated?: { readonly exitCode: number } };
  }[];
};

function hasStarted({ status }: LiveObject): boolean {
  const [container] = ((status ?? {}) as Status).containerStatuses ?? [];
  return container?.state.running !== undefined || container?.state.terminated !== undefined;
}

function exitCodeOf({ status }: LiveObject): number | undefined {
  const [container] = ((status ?? {}) as Status).containerStatuses ?? [];
  return container?.state.terminated?.exitCode;
}

/** Tells every line of a pod's log once, by the time that the node has noted at each: asked again, it begins a little before. */
function linesOf(place: Place, onLine: (line: string) => void): (pod: string) => Promise<void> {
  let last = '';
  let ofLast = 0;
  return async (pod) => {
    const since = last === '' ? '' : `&sinceTime=${encodeURIComponent(last)}`;
    const { status, text } = await place.connection.send(
      'GET',
      `${place.path('Pod', pod)}/log?timestamps=true${since}`,
    );
    if (status !== 200) return;
    let repeated = 0;
    for (const line of text.split('\n')) {
      const space = line.indexOf(' ');
      if (space < 0) continue;
      const at = line.slice(0, space);
      if (at < last) continue;
      if (at === last && ++repeated <= ofLast) continue;
      ofLast = at === last ? repeated : 1;
      if (at !== last) repeated = 1;
      last = at;
      onLine(line.slice(space + 1));
    }
  };
}
