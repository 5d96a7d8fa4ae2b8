import type { SingleFlight } from '../../../cache/single-flight.ts';
import type { Exchange } from '../../exchange.ts';
import type { Fetched, Landing } from './http-fetch.ts';

/** Settings of flights. */
export type HttpFlightsOptions = {
  /** Where processes agree who fetches; absent: each fetches for itself. */
  readonly across?: SingleFlight | undefined;
};

/** What one who waited hears: how the fetch landed, or that it failed. */
export type News = Landing | { readonly kind: 'failed'; readonly error: unknown };

/** How to get an answer for several who ask. */
export type FlightPlan = {
  readonly exchange: Exchange;
  /** Whether another process has brought it meanwhile: it is in memory then. */
  readonly find: () => Promise<boolean>;
  readonly fetch: () => Promise<Fetched>;
};

/**
 * Fetches that others wait for. Unlike the answers of handlers, these go to their first client as they come, so those
 * who wait hear first of the head, which may say that nothing of it is theirs.
 */
export class HttpFlights {
  readonly #running = new Map<string, Promise<News>>();
  readonly #across: SingleFlight | undefined;

  constructor({ across }: HttpFlightsOptions) {
    this.#across = across;
  }

  /** The fetch that is under way. */
  get(key: string): Promise<News> | undefined {
    return this.#running.get(key);
  }

  /** Begins a fetch. Undefined when another process brought the answer, which is in memory now. */
  async lead(key: string, plan: FlightPlan): Promise<Fetched | undefined> {
    let tell: (news: News) => void = () => undefined;
    const running = new Promise<News>((resolve) => (tell = resolve));
    const over = (): void => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    this.#running.set(key, running);
    try {
      const fetched = this.#across ? await lead(this.#across, key, plan) : await plan.fetch();
      const landing: Landing = fetched?.landing ?? FOUND;
      tell(landing);
      if (landing.kind === 'kept') void landing.whole.then(over);
      else over();
      return fetched;
    } catch (error) {
      tell({ kind: 'failed', error });
      over();
      throw error;
    }
  }

  /** Nobody joins the fetches for an address any more: they were begun before it changed. */
  forget(address: string): void {
    for (const key of this.#running.keys())
      if (key === address || key.startsWith(`${address}\n`)) this.#running.delete(key);
  }
}

const FOUND: Landing = { kind: 'kept', fits: () => true, whole: Promise.resolve('kept') };

/** The fetch of one process for all; the lease is given back when the answer is kept, not when its head is here. */
async function lead(
  across: SingleFlight,
  key: string,
  { exchange, find, fetch }: FlightPlan,
): Promise<Fetched | undefined> {
  let fetched: Fetched | undefined;
  let arrive: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  const seat = across.run<true>(
    key,
    {
      find: async () => ((await find()) ? true : undefined),
      async load() {
        fetched = await fetch();
        arrive();
        if (fetched.landing.kind === 'kept') await fetched.landing.whole;
        return true;
      },
    },
    exchange.signal,
  );
  if (!seat.leader) {
    // The flight was begun before what is kept was declared invalid, so what it brings is not wanted.
    seat.answer.catch(() => undefined);
    return fetch();
  }
  await Promise.race([arrival, seat.answer]);
  return fetched;
}
