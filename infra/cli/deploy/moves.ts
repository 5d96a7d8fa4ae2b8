import { NOTHING_CHANGED, unlessBroken } from './break-off.ts';
import type { Desk } from './desk.ts';
import type { Target } from './target.ts';

/**
 * The target for runs that know what moved the gateway past Pulumi. Its state still names what it deployed last: without
 * a look at the cluster, a release that was taken back could not be deployed again, since nothing would differ.
 */
export async function knowingMoves(target: Target, desk: Desk): Promise<Target> {
  const { ClusterError, findMover } = await import('../../cluster/index.ts');
  try {
    const { reader, service, run } = target;
    const mover = await unlessBroken(desk, NOTHING_CHANGED, () => findMover(reader, service.namespace));
    if (!mover) return target;
    const when = mover.time === undefined ? '' : ` at ${mover.time}`;
    desk.err(`${mover.name} changed the pods of the gateway${when}, past Pulumi: it looks at what runs first\n`);
    return { ...target, run: { ...run, refresh: true } };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    desk.err(`note: whether the gateway was moved past Pulumi is not known: ${error.message}\n`);
    return target;
  }
}
