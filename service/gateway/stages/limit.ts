import type { Service } from '../../definition/index.ts';
import {
  createPolicySets,
  describePolicy,
  waitMs,
  type LimitStore,
  type LimitVerdict,
  type PolicySet,
  type PolicySets,
} from '../../limit/index.ts';
import { OWN_ATTRIBUTES } from '../../telemetry/trace/index.ts';
import type { Exchange } from '../exchange.ts';
import { problemReply } from '../problem.ts';
import type { Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';

/** Settings of the stage. */
export type LimitOptions = {
  readonly limits: Service['limits'];
  readonly store: LimitStore;
  /** Told of each decision; `probe`: there was none, since no limit holds a probe. */
  readonly onDecision: (decision: 'allowed' | 'denied' | 'probe') => void;
  /** Told of each limit that denied, by its name. */
  readonly onDenial?: (limit: string) => void;
  /** Told of each limit in shadow that would have denied, by its name. */
  readonly onShadowDenial?: (limit: string) => void;
  /** Which limits hold a request; default: those of `limits`. To be given where a forecast moves some of them. */
  readonly sets?: PolicySets;
};

/** Holds a request against every limit that applies to it; says what is left in the RateLimit fields. */
export function limit({
  limits,
  store,
  onDecision,
  onDenial = () => undefined,
  onShadowDenial = () => undefined,
  sets = createPolicySets({ limits }),
}: LimitOptions): Stage {
  const tell = (callback: (limit: string) => void, { policies }: PolicySet, places: readonly number[]): void => {
    for (const place of places) {
      const policy = policies[place];
      if (policy) callback(policy.name);
    }
  };
  const decide = (exchange: Exchange, set: PolicySet, verdict: LimitVerdict): Reply | undefined => {
    const { policies } = set.fields;
    const state = set.fields.state(verdict);
    if (policies !== '') exchange.replyHeaders.push('ratelimit-policy', policies);
    if (state !== '') exchange.replyHeaders.push('ratelimit', state);
    if (verdict.shadowed.length > 0) tell(onShadowDenial, set, verdict.shadowed);
    if (verdict.release) exchange.atEnd(verdict.release);
    onDecision(decisionOf(verdict));
    if (verdict.allowed) return undefined;
    tell(onDenial, set, verdict.deniedBy);
    return deny(set, verdict);
  };
  return function limitStage(exchange) {
    const { route, caller } = exchange;
    if (!route.limited) return undefined;
    if (caller.kind === 'probe') {
      onDecision('probe');
      return undefined;
    }
    const set = sets.find(caller, route);
    for (const tuned of set.tuned) tuned.asked++;
    const verdict = store.take(caller.id, set.policies);
    if (verdict instanceof Promise) {
      const span = exchange.trace?.begin('limit');
      return verdict.then((late) => {
        span?.set(OWN_ATTRIBUTES.decision, decisionOf(late)).end();
        return decide(exchange, set, late);
      });
    }
    exchange.trace?.mark('limit', OWN_ATTRIBUTES.decision, decisionOf(verdict));
    return decide(exchange, set, verdict);
  };
}

function decisionOf({ allowed }: LimitVerdict): 'allowed' | 'denied' {
  return allowed ? 'allowed' : 'denied';
}

function deny({ policies }: PolicySet, verdict: LimitVerdict): Reply {
  const seconds = Math.max(1, Math.ceil(waitMs(verdict) / 1000));
  const headers = ['retry-after', String(seconds)];
  const denying = policies.filter((_, place) => verdict.deniedBy.includes(place));
  if (verdict.unavailable) {
    const names = denying.map(({ name }) => `'${name}'`).join(' and ');
    return problemReply('limits-unavailable', {
      detail: `What counts the limit ${names} does not answer, and without it nothing is admitted.`,
      headers,
    });
  }
  const exhausted = denying.map((policy) => `'${policy.name}' (${describePolicy(policy)})`).join(' and ');
  return problemReply('limit-exceeded', {
    detail: `The limit ${exhausted} is used up; try again in ${seconds} s.`,
    headers,
  });
}
