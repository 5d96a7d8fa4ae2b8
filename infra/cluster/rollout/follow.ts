import type { KubernetesObject } from '../../synth/index.ts';
import type { ApiReader } from '../api-reader.ts';
import { requireRelease } from '../../../alerts/rollback/release-of.ts';
import { findQuarantine, formatQuarantine } from '../quarantine.ts';
import { findGuardWord } from './guard-word.ts';
import { readNamespace, type NamespaceState } from './namespace-state.ts';
import { judgeWorkload, servingOtherwise, type Standing } from './workload.ts';

/** How a rollout is followed. */
export type RolloutOptions = {
  readonly reader: ApiReader;
  readonly namespace: string;
  /** As commands name it. */
  readonly environment: string;
  /** Every object that was deployed. */
  readonly objects: readonly KubernetesObject[];
  /** Milliseconds without any progress after which it counts as stuck. */
  readonly progressDeadlineMs: number;
  /** Told each time that something new is known. */
  readonly onProgress: (line: string) => void;
  /** Monotonic time in milliseconds. */
  readonly now: () => number;
  readonly pause: () => Promise<void>;
};

/** How a rollout ended; unless it is ready, the message says why, in one paragraph. */
export type Followed =
  { readonly outcome: 'ready' } | { readonly outcome: 'withdrawn' | 'stuck'; readonly message: string };

/** Kinds that start pods and keep them. */
const FOLLOWED: readonly string[] = ['Deployment', 'StatefulSet'];

/**
 * Follows what was deployed until all of its own pods are Ready, or until it is known that they will not be: one is
 * withdrawn by another hand or by a quarantine, cannot start, or does not get on before the deadline. Throws a
 * ClusterError when the cluster cannot be read.
 */
export async function followRollout(options: RolloutOptions): Promise<Followed> {
  const { reader, namespace, objects, now, pause, onProgress, progressDeadlineMs } = options;
  const workloads = objects.filter(({ kind }) => FOLLOWED.includes(kind));
  const release = requireRelease(objects);
  const told = new Set<string>();
  const tell = (line: string): void => {
    if (!told.has(line)) onProgress(line);
    told.add(line);
  };
  let seen = '';
  let since = now();
  for (;;) {
    const [state, record] = await Promise.all([
      readNamespace(reader, namespace),
      findQuarantine(reader, namespace, release),
    ]);
    if (record) return withGuardWord({ outcome: 'withdrawn', message: formatQuarantine(release, record) }, options);
    const judged = workloads.map((object) => ({ object, standing: judgeWorkload(object, state) }));
    const ended = judged.find(({ standing }) => standing.state === 'withdrawn' || standing.state === 'stuck');
    if (ended) return withGuardWord(await outcomeOf(ended.object, ended.standing, state, reader), options);
    const rolling = judged.filter(({ standing }) => standing.state !== 'ready');
    if (rolling.length === 0) return { outcome: 'ready' };
    for (const { object, standing } of rolling) for (const line of linesOf(object, standing)) tell(line);
    const place = JSON.stringify(judged.map(({ standing }) => ('ready' in standing ? standing.ready : standing.state)));
    if (place !== seen) [seen, since] = [place, now()];
    if (now() - since >= progressDeadlineMs) {
      const waiting = rolling.flatMap(({ object, standing }) => linesOf(object, standing)).join('; ');
      const message = `nothing has changed for ${Math.round(progressDeadlineMs / 1000)} s: ${waiting}`;
      return { outcome: 'stuck', message };
    }
    await pause();
  }
}

/** What is withdrawn is told with the guard's reason, where it was the guard. */
async function withGuardWord(followed: Followed, options: RolloutOptions): Promise<Followed> {
  if (followed.outcome !== 'withdrawn') return followed;
  const { reader, namespace, environment, objects } = options;
  const word = await findGuardWord(reader, namespace, environment, requireRelease(objects).id);
  return word === undefined ? followed : { ...followed, message: `${followed.message}\n${word}` };
}

async function outcomeOf(
  object: KubernetesObject,
  standing: Standing,
  state: NamespaceState,
  reader: ApiReader,
): Promise<Followed> {
  const name = `${object.kind} ${object.metadata.name}`;
  if (standing.state === 'withdrawn') {
    const message = `${name} no longer has the template that was deployed: withdrawn by ${standing.by}`;
    return { outcome: 'withdrawn', message };
  }
  if (standing.state !== 'stuck') return { outcome: 'ready' };
  const { trouble, pod } = standing;
  const { namespace = '' } = object.metadata;
  const words =
    trouble.crashed !== undefined && pod !== undefined ? await reader.lastWords(namespace, pod, trouble.crashed) : '';
  const others = servingOtherwise(object, state);
  const rest =
    others === 0
      ? ''
      : `\n${others} pod${others === 1 ? '' : 's'} of the version before still serve${others === 1 ? 's' : ''}.`;
  const log = words === '' ? '' : `\nits last words:\n${words.replaceAll(/^/gm, '  ')}`;
  return { outcome: 'stuck', message: `${name}: ${trouble.problem}${log}${rest}` };
}

function linesOf({ kind, metadata }: KubernetesObject, standing: Standing): readonly string[] {
  if (standing.state !== 'rolling') return [];
  const count = `${kind} ${metadata.name}: ${standing.ready} of ${standing.wanted} pods Ready`;
  return [count, ...standing.troubles.map(({ problem }) => problem)];
}
