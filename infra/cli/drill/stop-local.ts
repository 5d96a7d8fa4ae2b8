import { setTimeout as wait } from 'node:timers/promises';
import { endLeftovers } from '../../../chaos/drill/local/leftovers.ts';
import { isAlive, signal } from '../../../chaos/drill/local/processes.ts';
import { EXIT } from '../errors.ts';
import type { DrillDesk } from './desk.ts';
import { LOCAL_STATE } from './local-target.ts';
import { lockOwner } from './lock.ts';
import { CLUSTER_ENVIRONMENT } from './options.ts';

// Milliseconds.
const POLL = 100;

/** Longer than a fault takes to be taken back, and a stand to end. */
const LIMIT = 60_000;

/**
 * Breaks off the drill of this machine, as Ctrl-C in its terminal does, and waits for its end; of one that has died it
 * ends what is left. Gives the exit code.
 */
export async function stopLocal(desk: Pick<DrillDesk, 'out' | 'err'>, state: string = LOCAL_STATE): Promise<number> {
  const owner = lockOwner(state);
  if (owner && signal(owner, 'SIGINT')) {
    desk.err(`process ${owner.pid} takes its fault back and writes its report\n`);
    const deadline = performance.now() + LIMIT;
    while (isAlive(owner) && performance.now() < deadline) await wait(POLL);
    if (isAlive(owner)) {
      desk.err(`process ${owner.pid} has not ended within ${LIMIT / 1000} s; end it by: kill -9 ${owner.pid}\n`);
      return EXIT.failed;
    }
    desk.out('the drill has ended\n');
    return EXIT.done;
  }
  const left = await endLeftovers(state);
  for (const line of left) desk.err(`ended: ${line}\n`);
  desk.out(
    left.length === 0
      ? `no drill runs on this machine; one on a cluster is stopped by: sluice drill stop --env ${CLUSTER_ENVIRONMENT}\n`
      : 'what a drill has left has ended\n',
  );
  return EXIT.done;
}
