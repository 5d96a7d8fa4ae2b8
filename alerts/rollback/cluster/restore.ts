import type { Act } from '../act.ts';
import type { Pace } from '../facts.ts';
import { GATEWAY } from '../release-of.ts';
import { requireReading, requireSet, type ActContext } from './act-context.ts';
import { patchAsRead, type PatchStep } from './changes.ts';
import { paceOf } from './facts-of.ts';
import type { LiveObject } from './live-object.ts';
import { currentSet, hashOf, templateWithoutHash } from './template.ts';

/**
 * Gives the gateway's Deployment the template of an earlier revision, and the pace of a restore, in one change; replicas,
 * labels and annotations stay. False, and nothing is changed, where it is not as it was read. As `kubectl rollout undo`
 * with a revision, but by its hash: numbers of revisions change with every rollback.
 */
export async function restore(context: ActContext, act: Act & { readonly kind: 'restore' }): Promise<boolean> {
  const reading = requireReading(context);
  const { deployment, replicaSets } = reading;
  const current = currentSet(deployment, replicaSets);
  if (!current || hashOf(current) !== act.from) return false;
  const template = templateWithoutHash(requireSet(reading, act.target));
  return patch(context, deployment, [
    { op: 'replace', path: '/spec/template', value: template },
    ...paceSteps(deployment, act.pace),
  ]);
}

/** Gives the gateway's Deployment a pace, where it has the one that the guard gave it; else nothing is changed. */
export async function putBack(context: ActContext, act: Act & { readonly kind: 'put-back' }): Promise<void> {
  const { deployment } = requireReading(context);
  const { surge, minReadySeconds } = paceOf(deployment);
  if (surge !== act.from.surge || minReadySeconds !== act.from.minReadySeconds) return;
  await patch(context, deployment, paceSteps(deployment, act.pace));
}

async function patch({ connection, paths }: ActContext, deployment: LiveObject, steps: readonly PatchStep[]) {
  return (await patchAsRead(connection, `${paths.deployments}/${GATEWAY}`, deployment, steps)) !== undefined;
}

function paceSteps({ spec }: LiveObject, { surge, minReadySeconds }: Pace): readonly PatchStep[] {
  const { strategy } = spec as { readonly strategy?: { readonly rollingUpdate?: unknown } };
  return [
    { op: 'add', path: '/spec/minReadySeconds', value: minReadySeconds },
    // Where all pods are replaced at once there is no surge.
    ...(strategy?.rollingUpdate === undefined
      ? []
      : [{ op: 'add', path: '/spec/strategy/rollingUpdate/maxSurge', value: surge } as const]),
  ];
}
