import { ended } from '../ends.ts';
import type { Policy } from '../policy.ts';
import { withFirstReady } from './first-ready.ts';
import type { Sight } from '../sight.ts';
import type { Proven, Watch } from '../state.ts';
import { seconds } from '../words.ts';
import type { Step } from './step.ts';

const MAX_PROVEN = 20;

// A rollout that takes longer than its window is waited for, but not for ever.
const LONGEST = 2;

/**
 * The window runs from the first Ready pod. Whoever lasts it is proven good: with every pod replaced, and only while an
 * alert could have come. A release of which no pod gets Ready serves nobody, and is waited for.
 */
export const watching: Step = (state, before, sight, policy) => {
  const watch = withFirstReady(before, sight.facts);
  const { now, gateway } = sight.facts;
  const age = watch.firstReadyAt === undefined ? 0 : now - watch.firstReadyAt;
  const next = watch === before ? state : { ...state, watch };
  if (age < policy.watch || gateway?.hash !== watch.hash) return next;
  const doubt = findDoubt(sight, policy);
  if (doubt === undefined) {
    const proven = [provenOf(watch, now), ...state.proven.filter(({ hash }) => hash !== watch.hash)];
    const ending = `no alert in ${seconds(age)}`;
    return ended({ ...next, proven: proven.slice(0, MAX_PROVEN) }, watch, 'proven', ending, now);
  }
  if (age < LONGEST * policy.watch) return next;
  return ended(next, watch, 'inconclusive', `after ${seconds(age)} ${doubt}`, now);
};

/** Why the end of a window proves nothing; undefined when it does. */
function findDoubt({ facts, signs }: Sight, { silence }: Policy): string | undefined {
  if (!facts.gateway?.isComplete) return 'not every pod is of this release';
  if (facts.now - signs.watchdog > silence) return 'Alertmanager gives no sign of life';
  if (facts.now - signs.prometheus > silence) return 'Prometheus gives no sign of life';
  return undefined;
}

function provenOf({ hash, release, version }: Watch, at: number): Proven {
  return { hash, release, version, at };
}
