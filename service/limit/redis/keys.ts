import { holderOf, type LimitPolicy } from '../policy.ts';

/**
 * Keys of one caller share a hash tag, so that Redis Cluster keeps them in one slot and a script may touch them all;
 * what all callers share has a tag of its own, and so has what a model holds.
 */
export function tagOf(policy: LimitPolicy, caller: string): string {
  const holder = holderOf(policy, caller);
  if (holder === '') return 'everyone';
  // A brace would end the tag early, and two names could then share a key.
  const safe = /[{}%]/.test(holder) ? encodeURIComponent(holder.toWellFormed()) : holder;
  return `${policy.holder === undefined ? 'caller' : 'held'}:${safe}`;
}

/** Key of one limit; it names the kind, so that a limit whose kind changes begins anew instead of failing. */
export function keyOf(prefix: string, policy: LimitPolicy, caller: string): string {
  return `${prefix}{${tagOf(policy, caller)}}:${policy.kind}:${policy.name}`;
}
