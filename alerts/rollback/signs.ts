import type { Signs } from './state.ts';

/** Where signs of life are noted for all guards. */
export type SignsOptions = {
  readonly write: (signs: Partial<Signs>) => Promise<void>;
  /** Told why signs could not be noted; they are tried again. */
  readonly onFailure: (error: unknown) => void;
};

/** Signs of life that one guard has had. */
export type SignsBook = {
  /** At a time in milliseconds since 1970. */
  readonly note: (of: keyof Signs, at: number) => void;
  /** The newest of its own and of those that others have noted. */
  readonly with: (noted: Signs) => Signs;
  /** Notes for the others what is new, unless that was done a moment ago. */
  readonly share: (now: number) => Promise<void>;
};

// Each note changes what every guard reads and compares before it writes.
const SHARED_EVERY = 15_000;

/** Keeps signs of life, and shares them now and then: Alertmanager tells one guard, and another one may lead. */
export function createSigns({ write, onFailure }: SignsOptions): SignsBook {
  let own: Signs = { watchdog: 0, prometheus: 0 };
  let shared = own;
  let sharedAt = Number.NEGATIVE_INFINITY;
  return {
    note(of, at) {
      own = { ...own, [of]: Math.max(own[of], at) };
    },
    with: (noted) => ({
      watchdog: Math.max(own.watchdog, noted.watchdog),
      prometheus: Math.max(own.prometheus, noted.prometheus),
    }),
    async share(now) {
      if (own === shared || now - sharedAt < SHARED_EVERY) return;
      const sharing = own;
      sharedAt = now;
      const fresh = (Object.keys(sharing) as (keyof Signs)[]).filter((of) => sharing[of] > shared[of]);
      try {
        await write(Object.fromEntries(fresh.map((of) => [of, sharing[of]])));
        shared = sharing;
      } catch (error) {
        onFailure(error);
      }
    },
  };
}
