import type { Service } from '../../definition/index.ts';
import {
  limitPolicy,
  retryAfterMs,
  type LimitCheck,
  type LimitPolicy,
  type LimitStore,
  type LimitVerdict,
} from '../../limit/index.ts';
import type { Exchange } from '../exchange.ts';
import { problemReply } from '../problem.ts';
import type { Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';

/** Settings of the stage. */
export type LimitOptions = {
  readonly limits: Service['limits'];
  readonly store: LimitStore;
  /** Told of each decision. */
  readonly onDecision: (decision: 'allowed' | 'denied') => void;
};

/** The policies that hold one kind of request, and the header that names them. */
type PolicySet = { readonly policies: readonly LimitPolicy[]; readonly header: string };

/** Holds a request against the limits of its caller and of its route; says what is left in the RateLimit fields. */
export function limit({ limits, store, onDecision }: LimitOptions): Stage {
  const sets = new Map<string, PolicySet>();
  const general = {
    address: limitPolicy('address', limits.address.window ?? '1/s'),
    key: limitPolicy('key', limits.key.window ?? '1/s'),
  };
  const policiesFor = (exchange: Exchange): PolicySet => {
    const { caller, route } = exchange;
    const kind = caller.kind === 'address' ? 'address' : 'key';
    const id = `${kind} ${route.id}`;
    const known = sets.get(id);
    if (known) return known;
    const own = route.limit === undefined ? [] : [limitPolicy(route.id, route.limit.window ?? '1/s')];
    const policies = [general[kind], ...own];
    const header = policies.map(({ name, limit, windowMs }) => `"${name}";q=${limit};w=${windowMs / 1000}`).join(', ');
    sets.set(id, { policies, header });
    return { policies, header };
  };
  const decide = (exchange: Exchange, { policies, header }: PolicySet, verdict: LimitVerdict): Reply | undefined => {
    exchange.replyHeaders.push('ratelimit-policy', header, 'ratelimit', describe(policies, verdict));
    onDecision(verdict.allowed ? 'allowed' : 'denied');
    if (verdict.allowed) return undefined;
    const seconds = Math.max(1, Math.ceil(retryAfterMs(verdict) / 1000));
    const exhausted = policies
      .filter((_, index) => verdict.remaining[index] === 0)
      .map(({ name, limit, windowMs }) => `'${name}' (${limit} in ${windowMs / 1000} s)`);
    return problemReply('limit-exceeded', {
      detail: `The limit ${exhausted.join(' and ')} is used up; try again in ${seconds} s.`,
      headers: ['retry-after', String(seconds)],
    });
  };
  return function limitStage(exchange) {
    if (!exchange.route.limited) return undefined;
    const set = policiesFor(exchange);
    const checks = set.policies.map((policy): LimitCheck => ({ key: exchange.caller.id, policy }));
    const verdict = store.take(checks);
    if (verdict instanceof Promise) return verdict.then((late) => decide(exchange, set, late));
    return decide(exchange, set, verdict);
  };
}

function describe(policies: readonly LimitPolicy[], { remaining, resetMs }: LimitVerdict): string {
  let text = '';
  for (const [index, { name }] of policies.entries()) {
    const separator = index === 0 ? '' : ', ';
    text += `${separator}"${name}";r=${remaining[index] ?? 0};t=${Math.ceil((resetMs[index] ?? 0) / 1000)}`;
  }
  return text;
}
