import { parseRate, toMilliseconds, type AiSettings } from '../definition/index.ts';
import type { Caller } from '../gateway/exchange.ts';
import {
  monthPolicy,
  sumPolicy,
  waitMs,
  type LimitPolicy,
  type ReservationVerdict,
  type ReservingStore,
} from '../limit/index.ts';
import type { MODEL_LIMITS } from '../telemetry/catalogue.ts';
import { Line } from './line.ts';
import type { Offer } from './offers.ts';
import { costOf, tokensOf } from './usage-amounts.ts';
import type { Usage } from './usage.ts';

/** Which limit kept a request from a model. */
export type AdmissionLimit = (typeof MODEL_LIMITS)[number];

/** A request may go to the provider. */
export type Admitted = {
  readonly admitted: true;
  /** What the provider's limits have left, as its own answers say it; flat. */
  readonly headers: readonly string[];
  /** What was used, once that is known; nothing where it is undefined. To be called in the end, whatever happens. */
  settle(used: Usage | undefined): void;
};

/** A request may not go now. */
export type Refused = {
  readonly admitted: false;
  readonly by: AdmissionLimit;
  /** The limit's name, for people. */
  readonly limit: string;
  /** Until there is likely to be room. */
  readonly waitMs: number;
  /** What the provider's limits have left; flat. */
  readonly headers: readonly string[];
};

/** What is asked for. */
export type AdmissionRequest = {
  readonly caller: Caller;
  readonly offer: Offer;
  /** Tokens of the question and of its answer, as far as they can be known. */
  readonly expected: { readonly input: number; readonly output: number };
  /** How long it may wait, in milliseconds; 0: it must be decided at once. */
  readonly mayWaitMs: number;
  readonly signal: AbortSignal;
};

/** Lets requests through to the limits of providers and callers. */
export type Admission = {
  /** Resolves with a refusal at once when the wait would be too long. Rejects with the signal's reason, or as the store does. */
  ask(request: AdmissionRequest): Promise<Admitted | Refused>;
};

/** Settings of admission. */
export type AdmissionOptions = {
  readonly ai: AiSettings;
  readonly store: ReservingStore;
  /** After which what was reserved and never settled is taken as not used, in milliseconds. */
  readonly lapseMs: number;
  /** Names of the tiers of the definition; another has the limits of keys without one. */
  readonly tiers: readonly string[];
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** The limits that hold a request, and what each of them is. */
type LimitSet = { readonly policies: readonly LimitPolicy[]; readonly kinds: readonly AdmissionLimit[] };

const MICRO = 1_000_000;
/** How many limits of a set are the provider's; those of the caller come after. */
const PROVIDERS = 2;

/**
 * Reserves a request and the tokens that it may take, of the provider's limits and of the caller's own, all or nothing;
 * where they have no room, the request waits in the line of its model.
 */
export function createAdmission({
  ai,
  store,
  lapseMs,
  tiers,
  now = () => performance.now(),
}: AdmissionOptions): Admission {
  const maxWaitMs = toMilliseconds(ai.queue.maxWait);
  const lines = new Map<string, Line>();
  const ownLimits = new Map<string, LimitSet>();
  const sets = new WeakMap<Offer, Map<string, LimitSet>>();

  const ownLimitsOf = (kind: string): LimitSet => {
    const known = ownLimits.get(kind);
    if (known) return known;
    const { tokens, budgets } = ai;
    const rate = valueOf(tokens, kind);
    const dollars = valueOf(budgets, kind);
    const policies: LimitPolicy[] = [];
    const kinds: AdmissionLimit[] = [];
    if (rate !== undefined) {
      const { limit, window } = parseRate(rate);
      policies.push(sumPolicy(`tokens:${kind}`, limit, toMilliseconds(window), { lapseMs }));
      kinds.push('caller-tokens');
    }
    if (dollars !== undefined) {
      policies.push(monthPolicy(`budget:${kind}`, Math.round(dollars * MICRO), { lapseMs }));
      kinds.push('budget');
    }
    const made = { policies, kinds };
    ownLimits.set(kind, made);
    return made;
  };
  const setOf = (offer: Offer, caller: Caller): LimitSet => {
    const kind = kindOf(caller, tiers);
    let ofOffer = sets.get(offer);
    if (!ofOffer) sets.set(offer, (ofOffer = new Map<string, LimitSet>()));
    let set = ofOffer.get(kind);
    if (!set) {
      const own = ownLimitsOf(kind);
      set = { policies: [...offer.limits, ...own.policies], kinds: ['requests', 'tokens', ...own.kinds] };
      ofOffer.set(kind, set);
    }
    return set;
  };
  return {
    async ask({ caller, offer, expected, mayWaitMs, signal }) {
      const set = setOf(offer, caller);
      const usage: Usage = { input: expected.input, output: expected.output, cached: 0 };
      const wanted = amountsOf(set, offer, usage);
      // What is more than a limit ever admits would never pass; all of the limit is the most that can be reserved.
      const amounts = wanted.map((amount, place) =>
        Math.max(0, Math.min(amount, set.policies[place]?.count.value ?? amount)),
      );
      const reserve = async () => store.reserve(caller.id, set.policies, amounts);
      const admit = (verdict: ReservationVerdict): Admitted => ({
        admitted: true,
        headers: limitHeaders(set, verdict),
        settle: (used) => verdict.settle(used ? amountsOf(set, offer, used) : []),
      });
      const shared = `${offer.provider}/${offer.model}`;
      // Who waits for a limit of its own holds up nobody else.
      const own = `${shared} ${caller.id}`;
      const ahead = lines.get(shared) ?? lines.get(own);
      const first = ahead ? undefined : await reserve();
      if (first?.allowed) return admit(first);
      const deadline = now() + Math.min(mayWaitMs, maxWaitMs);
      const part = (amounts[1] ?? 0) / (set.policies[1]?.count.value ?? 1);
      const behind = part * ((set.policies[1]?.spanUs ?? 0) / 1000);
      const expectedAt = first ? now() + waitMs(first) : (ahead?.expectedAt ?? now()) + behind;
      if (first && (first.unavailable || isFinal(set, first))) return refuse(set, first, expectedAt - now());
      if (expectedAt > deadline)
        return first ? refuse(set, first, expectedAt - now()) : inLine(offer, expectedAt - now());
      // Another may have begun to wait while the store was asked.
      const isOwn = first ? first.deniedBy.some((place) => place >= PROVIDERS) : !lines.has(shared);
      const key = isOwn ? own : shared;
      const line = lines.get(key) ?? new Line();
      if (line.length >= ai.queue.length) return inLine(offer, expectedAt - now());
      lines.set(key, line);
      const place = line.join(expectedAt);
      try {
        await until(place.turn, deadline - now(), signal);
        for (;;) {
          const verdict = await reserve();
          if (verdict.allowed) {
            if (!signal.aborted) return admit(verdict);
            verdict.settle([]);
            signal.throwIfAborted();
          }
          const wait = Math.max(waitMs(verdict), 1);
          if (now() + wait > deadline || isFinal(set, verdict)) return refuse(set, verdict, wait);
          place.expect(now() + wait);
          await until(undefined, wait, signal);
        }
      } finally {
        place.leave();
        if (line.length === 0) lines.delete(key);
      }
    },
  };
}

/** Whose limits of its own a caller has. */
function kindOf({ kind, tier }: Caller, tiers: readonly string[]): string {
  if (kind === 'address' || kind === 'probe') return kind;
  return tier !== undefined && tiers.includes(tier) ? `tier:${tier}` : 'key';
}

function valueOf<T>(
  values: { readonly address?: T; readonly key?: T; readonly tiers: Readonly<Record<string, T>> },
  kind: string,
) {
  if (kind === 'address') return values.address;
  if (kind === 'key') return values.key;
  return kind.startsWith('tier:') ? (values.tiers[kind.slice('tier:'.length)] ?? values.key) : undefined;
}

/** In the order of the limits: one request, tokens of the model, tokens of the caller, millionths of a dollar. */
function amountsOf({ kinds }: LimitSet, { settings }: Offer, usage: Usage): readonly number[] {
  const tokens = tokensOf(usage);
  return kinds.map((kind) => {
    if (kind === 'requests') return 1;
    return kind === 'budget' ? Math.ceil(costOf(usage, settings) * MICRO) : tokens;
  });
}

/** Waiting is of no use: a budget has room again next month. */
function isFinal({ kinds }: LimitSet, { deniedBy }: ReservationVerdict): boolean {
  return deniedBy.some((place) => kinds[place] === 'budget');
}

function refuse({ policies, kinds }: LimitSet, verdict: ReservationVerdict, wait: number): Refused {
  const [place = 0] = [...verdict.deniedBy].sort((a, b) => (verdict.resetMs[b] ?? 0) - (verdict.resetMs[a] ?? 0));
  return {
    admitted: false,
    by: kinds[place] ?? 'tokens',
    limit: policies[place]?.name ?? '',
    waitMs: Math.max(wait, 1),
    headers: limitHeaders({ policies, kinds }, verdict),
  };
}

function inLine({ limits: [, tokens] }: Offer, wait: number): Refused {
  return { admitted: false, by: 'queue', limit: tokens.name, waitMs: Math.max(wait, 1), headers: [] };
}

/** `x-ratelimit-limit-requests` and its like, as providers of OpenAI's interface tell theirs. */
function limitHeaders({ policies, kinds }: LimitSet, { remaining, resetMs }: ReservationVerdict): readonly string[] {
  return (['requests', 'tokens'] as const).flatMap((kind) => {
    const place = kinds.indexOf(kind);
    const left = remaining[place];
    const limit = policies[place]?.count.value;
    if (limit === undefined || left === undefined) return [];
    return [
      `x-ratelimit-limit-${kind}`,
      String(limit),
      `x-ratelimit-remaining-${kind}`,
      String(left),
      `x-ratelimit-reset-${kind}`,
      `${Math.ceil((resetMs[place] ?? 0) / 1000)}s`,
    ];
  });
}

/** Resolves with the promise, or when the time is over; rejects with the signal's reason. */
function until(promise: Promise<void> | undefined, timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(done, timeMs);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    void promise?.then(done);
  });
}
