import { ended } from '../ends.ts';
import type { Evidence, Sample, Verdict } from '../evidence.ts';
import { evidenceOf, finite } from '../gather.ts';
import { judge } from '../judge.ts';
import type { Policy } from '../policy.ts';
import { restoring } from '../restore.ts';
import type { Sight } from '../sight.ts';
import type { State, Watch } from '../state.ts';
import { seconds } from '../words.ts';
import { withFirstReady } from './first-ready.ts';
import type { Step } from './step.ts';

const MAX_SAMPLES = 30;

// So many times its patience is waited for a ReplicaSet, which is longer than any decision takes.
const LONGEST = 2;

type Decide = (state: State, watch: Watch, decision: Decision, sight: Sight, policy: Policy) => State;

type Decision = { readonly evidence: Evidence; readonly verdict: Verdict };

const DECIDE: Readonly<Record<Verdict['answer'], Decide>> = {
  wait: (state, watch) => ({ ...state, watch }),
  dismiss: dismissed,
  refuse: refused,
  inconclusive: (state, watch, { verdict }, { facts }) => decided(state, watch, 'inconclusive', verdict, facts.now),
  'roll-back': rolledBack,
};

/** An alert has come: everything is looked at anew until there is an answer, or patience ends. */
export const deciding: Step = (state, before, sight, policy) => {
  if (sight.facts.gateway?.hash === undefined) return withoutRevision(state, before, sight, policy);
  const seen = withFirstReady(before, sight.facts);
  const evidence = evidenceOf(seen, state, sight);
  const verdict = judge(evidence, policy);
  const watch: Watch = { ...seen, samples: withSample(seen.samples, sight.sample), evidence, verdict, policy };
  return DECIDE[verdict.answer](state, watch, { evidence, verdict }, sight, policy);
};

/** Another release is on its way: its ReplicaSet comes within moments, and is a watch of its own; or people must look. */
function withoutRevision(state: State, watch: Watch, { facts }: Sight, { patience }: Policy): State {
  const { now, gateway } = facts;
  const { decidingSince = now } = watch;
  if (now - decidingSince < LONGEST * patience) return state;
  const cause = gateway?.paused ? 'it is paused' : 'its controller is away';
  const ending = `after ${seconds(now - decidingSince)} the Deployment wants a template of which there is no ReplicaSet: ${cause}`;
  return ended(state, watch, 'inconclusive', ending, now);
}

function withSample(samples: readonly Sample[], sample: Sample | undefined): readonly Sample[] {
  return sample ? [...samples, finite(sample)].slice(-MAX_SAMPLES) : samples;
}

/** Back to watching, so that a later alert is looked at like the first; and this one too, when it is sent again. */
function dismissed(state: State, watch: Watch): State {
  const { trigger, resolved, decidingSince: _, ...open } = watch;
  const taken = resolved ? state.taken : state.taken.filter((key) => key !== trigger?.key);
  return { ...state, phase: 'watching', watch: open, taken };
}

/**
 * An order that cannot be followed, such as one that names a release that is gone, ends with a record of its own; the
 * release that it was on is still watched, and any alert on it still looked at, with patience that the order has not used.
 */
function refused(state: State, watch: Watch, { verdict }: Decision, { facts }: Sight): State {
  const { order, ...rest } = watch;
  if (!order || watch.isByOrder) return decided(state, watch, 'refused', verdict, facts.now);
  const ownRecord = { ...watch, id: `${watch.id}-order-${order.storedAt}` };
  const { evidence: _, verdict: __, policy: ___, decidingSince: ____, ...open } = rest;
  return {
    ...decided(state, ownRecord, 'refused', verdict, facts.now),
    ...(watch.trigger
      ? { phase: 'deciding', watch: { ...open, decidingSince: facts.now } }
      : { phase: 'watching', watch: open }),
  };
}

function rolledBack(
  state: State,
  watch: Watch,
  { evidence, verdict }: Decision,
  { facts }: Sight,
  policy: Policy,
): State {
  if (policy.mode === 'dry-run') return decided(state, watch, 'dry-run', verdict, facts.now);
  return restoring(state, watch, { evidence, verdict }, facts, policy);
}

function decided(
  state: State,
  watch: Watch,
  outcome: 'refused' | 'inconclusive' | 'dry-run',
  { reason }: Verdict,
  now: number,
): State {
  return ended(state, { ...watch, decidedAt: now }, outcome, reason, now);
}
