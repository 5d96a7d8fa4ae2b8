import type { LimitPolicy, LimitVerdict } from './policy.ts';

/** What the RateLimit fields say of one limit; `state` is the text that comes before what is left. */
type Item = { readonly place: number; readonly policy: LimitPolicy; readonly state: string };

/**
 * The fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers) of some limits. A limit in shadow is
 * not told, since nobody is held to it; one of everyone only when it denies, since what is left is no caller's own.
 */
export class RateLimitFields {
  readonly #policies: readonly LimitPolicy[];
  readonly #items: readonly Item[];
  readonly #counts: number[];
  #policyText: string;

  constructor(policies: readonly LimitPolicy[]) {
    this.#policies = policies;
    this.#items = [...policies.entries()]
      .map(([place, policy]) => ({ place, policy, state: `"${policy.name}";r=` }))
      .filter(({ policy }) => !policy.shadow && policy.scope === 'caller');
    this.#counts = this.#items.map(({ policy }) => policy.count.value);
    this.#policyText = this.#writePolicies();
  }

  /** RateLimit-Policy; empty when there is nothing to tell. Written anew only when a count has moved. */
  get policies(): string {
    let place = 0;
    let moved = false;
    for (const { policy } of this.#items) {
      const count = policy.count.value;
      if (this.#counts[place] !== count) moved = true;
      this.#counts[place++] = count;
    }
    if (moved) this.#policyText = this.#writePolicies();
    return this.#policyText;
  }

  /** RateLimit: what is left of each limit where that is known, and in how many seconds there will be more. */
  state({ remaining, resetMs, deniedBy }: LimitVerdict): string {
    let text = '';
    for (const { place, policy, state } of this.#items) {
      const left = remaining[place];
      if (left === undefined) continue;
      if (text !== '') text += ', ';
      text += `${state}${left}`;
      if (policy.kind !== 'concurrency') text += `;t=${Math.ceil((resetMs[place] ?? 0) / 1000)}`;
    }
    for (const place of deniedBy) {
      const policy = this.#policies[place];
      if (policy?.scope !== 'everyone') continue;
      if (text !== '') text += ', ';
      text += `"${policy.name}";r=0;t=${Math.ceil((resetMs[place] ?? 0) / 1000)}`;
    }
    return text;
  }

  #writePolicies(): string {
    return this.#items.map(({ policy }, place) => policyItem(policy, this.#counts[place] ?? 0)).join(', ');
  }
}

/** A limit in words for people, such as `30 in 60 s`. */
export function describePolicy({ kind, count, spanUs }: LimitPolicy): string {
  if (kind === 'concurrency') return `${count.value} at once`;
  if (kind === 'bucket') return `${count.value} at once, then one in ${spanUs / 1_000_000} s`;
  return `${count.value} in ${spanUs / 1_000_000} s`;
}

/** `w` of a bucket is the time in which it fills: quota and window together then tell its rate. Whole seconds. */
function policyItem({ name, kind, spanUs }: LimitPolicy, count: number): string {
  if (kind === 'concurrency') return `"${name}";q=${count};qu="concurrent-requests"`;
  const window = kind === 'bucket' ? count * spanUs : spanUs;
  return `"${name}";q=${count};w=${Math.ceil(window / 1_000_000)}`;
}
