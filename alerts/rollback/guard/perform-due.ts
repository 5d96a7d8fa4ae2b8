import type { Log } from '../../../service/telemetry/log.ts';
import type { Act } from '../act.ts';
import type { GuardCluster } from '../cluster/index.ts';
import { settled } from '../due.ts';
import type { State } from '../state.ts';
import { TOLD_AGAIN, type Teller } from '../tell.ts';
import { messageOf } from './changes.ts';
import { during, type Complain } from './complaints.ts';

/** By whom acts are done. */
export type PerformerOptions = {
  readonly cluster: GuardCluster;
  readonly tell: Teller;
  readonly complain: Complain;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Pick<Log, 'info'>;
  /** Called when a message has been told, so that it is settled soon. */
  readonly wake: () => void;
};

type Tell = Extract<Act, { kind: 'tell' }>;

type Telling = 'under way' | 'arrived' | { readonly againAt: number };

/**
 * A function that does what is due of a stored state, as long as this guard leads, and settles what is owed no longer. An
 * act that fails is complained of and due again at the next look. A message is told beside the loop, which nobody's slow
 * receiver holds up, and is owed until it has arrived.
 */
export function createPerformer({ cluster, tell, complain, now, log, wake }: PerformerOptions) {
  const tellings = new Map<string, Telling>();
  const isTold = (act: Tell): boolean => {
    const key = keyOf(act);
    const telling = tellings.get(key);
    const isTried = typeof telling === 'string' || (telling !== undefined && now() < telling.againAt);
    if (!isTried) {
      tellings.set(key, 'under way');
      void tell(messageOf(act.record)).then((hasArrived) => {
        tellings.set(key, hasArrived ? 'arrived' : { againAt: now() + TOLD_AGAIN });
        if (hasArrived) wake();
      });
    }
    return telling === 'arrived';
  };
  const isDone = async (act: Act): Promise<boolean> => {
    // The receiver comes first; what the cluster is told afterwards is for whoever describes the Deployment.
    if (act.kind === 'tell' && !isTold(act)) return false;
    try {
      await cluster.perform(act);
      log.info({ act: describe(act) }, `done: ${act.kind}`);
      return true;
    } catch (error) {
      complain('act', error);
      return false;
    }
  };
  return async (acts: readonly Act[], state: State): Promise<void> => {
    const due = new Set(acts.flatMap((act) => (act.kind === 'tell' ? [keyOf(act)] : [])));
    for (const key of tellings.keys()) if (!due.has(key)) tellings.delete(key);
    const done: Act[] = [];
    for (const act of acts) {
      if (!cluster.lease.leads()) break;
      if (await isDone(act)) done.push(act);
    }
    const without = (owing: State): State => done.reduce(settled, owing);
    if (without(state) === state) return;
    const kept = await during('read', cluster.store.read());
    // Where somebody else has changed it in between, the act is due again, and does no harm when it is done again.
    await during('store', cluster.store.writeState(kept, without(kept.state)));
  };
}

function keyOf({ record }: Tell): string {
  return `${record.id}/${record.outcome}`;
}

/** A record is long, and stored under its id. */
function describe(act: Act): object {
  return 'record' in act ? { id: act.record.id, outcome: act.record.outcome } : act;
}
