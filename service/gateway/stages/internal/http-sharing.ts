import {
  hasValidator,
  maySubstitute,
  reuseOf,
  type ResponseStore,
  type StoredResponse,
} from '../../../cache/http/index.ts';
import type { SingleFlight } from '../../../cache/single-flight.ts';
import { BoundedMap } from '../../../store/bounded-map.ts';
import { DetachedExchange } from '../../detached-exchange.ts';
import type { Reply } from '../../reply.ts';
import { drain } from './body-copy.ts';
import { answerFromStore } from './http-answer.ts';
import type { Errand, Fetched, Landing } from './http-fetch.ts';
import { HttpFlights, type News } from './http-flights.ts';
import type { CacheableRequest } from './http-request.ts';

/** Settings of sharing; times in milliseconds. */
export type SharingOptions = {
  readonly fetch: (errand: Errand) => Promise<Fetched>;
  readonly store: ResponseStore;
  /** Where processes agree who fetches; absent: each fetches for itself. */
  readonly across: SingleFlight | undefined;
  /** As it stands in Cache-Status. */
  readonly name: string;
  /** The longest an answer is given after its end. */
  readonly staleMs: number;
  /** The longest one waits for another's fetch. */
  readonly patienceMs: number;
  readonly now: () => number;
  readonly onCollapsed: () => void;
};

/** Fetches, one at a time for all who ask for the same, as far as what comes may be theirs. */
export type Sharing = {
  /** The origin's answer, or what another's fetch has brought. */
  answer(errand: Errand): Promise<Reply>;
  /** The origin's answer to this request itself. */
  alone(errand: Errand): Promise<Reply>;
  /** Brings what is kept up to date, without a client, unless that is being done. */
  refresh(errand: Errand): void;
  /** Whether the last answer to such a request was for the one who asked alone, so that nothing is kept to be found. */
  isUnshared(request: CacheableRequest): boolean;
  /** Nobody joins the fetches for an address any more: they were begun before it changed. */
  forget(key: string): void;
};

/** How long it is remembered that an answer was for the one who asked alone, so that others need not wait to see it. */
const UNSHARED_MS = 10_000;
/** Characters of keys that are remembered so. */
const MAX_UNSHARED = 1 << 20;

/** Makes one fetch serve all who ask for the same at the same time (RFC 9111, section 4). */
export function createSharing(options: SharingOptions): Sharing {
  const { fetch, store, name, staleMs, patienceMs, now, onCollapsed } = options;
  const flights = new HttpFlights({ across: options.across });
  const unshared = new BoundedMap<number>(MAX_UNSHARED);
  const keyOf = ({ request }: Errand): string => store.flightKey(request.key, request.headers);

  const forNobodyElse = (key: string): void => {
    const until = now() + UNSHARED_MS;
    // Answers of a kind come one after the other: what was said a moment ago need not be said again.
    if ((unshared.get(key) ?? 0) < until - UNSHARED_MS / 10) unshared.set(key, until, key.length);
  };

  const remember = (key: string, landing: Landing): void => {
    if (landing.kind === 'own') forNobodyElse(key);
    else if (landing.kind === 'kept')
      void landing.whole.then((keeping) => {
        if (keeping === 'larger') forNobodyElse(key);
        else unshared.delete(key);
      });
  };

  const lead = async (key: string, errand: Errand): Promise<Reply | undefined> => {
    const { exchange, request } = errand;
    const fetched = await flights.lead(key, {
      exchange,
      async find() {
        const { entry } = await store.find(request.key, request.headers);
        return entry !== undefined && reuseOf(entry, request.wishes, now(), 0) === 'fresh';
      },
      fetch: () => fetch(errand),
    });
    if (fetched) remember(key, fetched.landing);
    return fetched?.reply;
  };

  const alone = (errand: Errand): Promise<Reply> =>
    fetch(errand).then(({ reply, landing }) => {
      if (isForMany(errand.request, errand.kept)) remember(keyOf(errand), landing);
      return reply;
    });

  const collapsed = ({ exchange, request, reason }: Errand): Reply | undefined => {
    const kept = store.peek(request.key, request.headers);
    if (!kept || reuseOf(kept, request.wishes, now(), 0) !== 'fresh') return undefined;
    onCollapsed();
    const forwarding = { reason, collapsed: true };
    return answerFromStore(exchange, request, kept, 'MISS', { name, now: now(), forwarding });
  };

  /** What another's fetch makes possible; `again`: the other failed, but perhaps for itself alone. */
  const share = async (errand: Errand, news: News, leftMs: number): Promise<Reply | 'again' | undefined> => {
    const { exchange, request, kept, reason } = errand;
    if (news.kind === 'failed') {
      // Its client left or its time was over; what the origin failed with, it failed with for all who wait now.
      if (news.error instanceof DOMException) return 'again';
      throw news.error;
    }
    if (news.kind === 'substitute' && kept && maySubstitute(kept, request.wishes, now(), staleMs))
      return answerFromStore(exchange, request, kept, 'STALE', { name, now: now(), forwarding: { reason } });
    if (news.kind !== 'kept' || !news.fits(request.headers)) return undefined;
    return (await within(news.whole, leftMs)) === 'broken' ? 'again' : collapsed(errand);
  };

  const together = async (key: string, errand: Errand): Promise<Reply> => {
    const patienceEnds = performance.now() + Math.min(patienceMs, errand.exchange.remainingMs);
    for (;;) {
      const running = flights.get(key);
      if (!running) return (await lead(key, errand)) ?? collapsed(errand) ?? alone(errand);
      const news = await within(running, patienceEnds - performance.now());
      const shared = news && (await share(errand, news, patienceEnds - performance.now()));
      if (shared === undefined) return alone(errand);
      if (shared !== 'again') return shared;
    }
  };

  return {
    alone,
    answer(errand) {
      const key = keyOf(errand);
      const shares = isForMany(errand.request, errand.kept) && (unshared.get(key) ?? 0) <= now();
      return shares ? together(key, errand) : alone(errand);
    },
    refresh(errand) {
      const key = keyOf(errand);
      if (flights.get(key)) return;
      const abandoned = new AbortController().signal;
      const exchange = new DetachedExchange(errand.exchange, { abandoned, anonymous: false });
      lead(key, { ...errand, exchange, unconditional: true })
        .then((reply) => drain(reply?.body ?? null))
        // The client has its answer; the next one asks again.
        .catch(() => undefined)
        .finally(() => exchange.end());
    },
    isUnshared: ({ key, headers }) => unshared.size > 0 && (unshared.get(store.flightKey(key, headers)) ?? 0) > now(),
    forget: (key) => flights.forget(key),
  };
}

/** Whether what the origin answers may be for others too. */
function isForMany({ method, wishes, noStore, conditional }: CacheableRequest, kept?: StoredResponse): boolean {
  if (method !== 'GET' || wishes.authorized || noStore) return false;
  // Passed on, the client's own conditions may bring it a 304, which is nobody else's.
  if (conditional && !(kept && hasValidator(kept))) return false;
  // What is over on arrival, or validated each time, is fetched by each.
  return !(kept && kept.expiresAt <= kept.storedAt);
}

/** Waits so many milliseconds at most; undefined when they are over. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), Math.max(0, ms))));
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
