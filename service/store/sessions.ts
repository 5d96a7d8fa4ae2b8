import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BoundedMap } from './bounded-map.ts';
import type { BatchedKeyValueStore, KeyValueStore } from './key-value.ts';

/** A user who is logged in. */
export type Session = { readonly owner: string; readonly expiresAt: Date };

/** What the holder of a session keeps in it. */
export type SessionData = Readonly<Record<string, string>>;

/** A session as its holder gets it. */
export type IssuedSession = {
  /** Told once, kept only as a hash. */
  readonly token: string;
  /** When it ends, if it is not used until then. */
  readonly expiresAt: Date;
  /** When it ends, however often it is used. */
  readonly latestEnd: Date;
};

/** The sessions of a service. Every call rejects when the store does not answer. */
export type Sessions = {
  /** Begins a session without data. */
  create(owner: string): Promise<IssuedSession>;
  /** The session of a token; undefined when there is none or it is over. Counts as a use of it. */
  find(token: string): Promise<Session | undefined>;
  /** The same with its data. */
  read(token: string): Promise<(Session & { readonly data: SessionData }) | undefined>;
  /** Puts data in place of what the session has; its end stays. Undefined when there is no such session. */
  update(token: string, data: SessionData): Promise<Session | undefined>;
  /** Gives the session a new token; the old one is worth nothing from here on. Data and end stay. */
  rotate(token: string): Promise<IssuedSession | undefined>;
  /** Ends the session of a token; nothing happens when there is none. */
  end(token: string): Promise<void>;
  /** Ends every session that a user has now. */
  endAll(owner: string): Promise<void>;
};

/** Settings of sessions. */
export type SessionOptions = {
  /** Asked for several values at once where it can be. */
  readonly store: KeyValueStore & Partial<Pick<BatchedKeyValueStore, 'getMany'>>;
  /** From log-in, or with `sliding` from the last use, to the end. */
  readonly lifetimeMs: number;
  /** Whether using a session lengthens it; default `fixed`: it does not. */
  readonly renewal?: 'fixed' | 'sliding';
  /** The longest a sliding session lives, from its log-in; default `lifetimeMs`. */
  readonly maxLifetimeMs?: number;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

/** Written once, when the session begins. */
type Birth = { readonly owner: string; readonly generation: string; readonly startedAt: number };

type Found = Birth & {
  readonly keys: Keys;
  /** The part of its tokens that no rotation changes. */
  readonly prefix: string;
  readonly expiresAt: number;
  readonly latestEnd: number;
  readonly data: Buffer | undefined;
};

/** A use is written down at most so often, however many requests there are. */
const RENEWAL_PAUSE_MS = 60_000;
/** Sessions whose last renewal this process remembers. */
const REMEMBERED_RENEWALS = 10_000;
/** Multiples of three, so that each part is whole characters of Base64. */
const BYTES = { user: 9, id: 15, secret: 33 } as const;
const TOKEN = /^sls_([\w-]{12})([\w-]{20})([\w-]{44})$/;

/**
 * Sessions in a store that can only get, set and delete. Each is kept as several values, so that no write ever has to
 * replace what another request may have changed meanwhile:
 * - its birth: who and since when. Written once, then only deleted, so that no late write brings a session back;
 * - the hash of its one valid token: replaced by a rotation, of which the last counts and leaves one token;
 * - its data, replaced as a whole, and the time of its last use. Without the birth they mean nothing, and they expire.
 * A user's generation ends all sessions at once: those that were born in another one are over. A user who never ended
 * all has none, and one that expires is older than any session from before it can be.
 * Where a session ends follows from its times and these settings: a value's life in the store only cleans up.
 */
export function createSessions(options: SessionOptions): Sessions {
  const { store, lifetimeMs, renewal = 'fixed', maxLifetimeMs = lifetimeMs, now = Date.now } = options;
  const sliding = renewal === 'sliding';
  const longestMs = sliding ? maxLifetimeMs : lifetimeMs;
  const renewalPauseMs = Math.min(RENEWAL_PAUSE_MS, lifetimeMs / 10);
  const renewals = new BoundedMap<number>(REMEMBERED_RENEWALS);

  /** In one trip: without `getMany`, calls of one turn travel together. */
  const getMany = (keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> =>
    store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key)));

  const look = async (token: string, { withData = false } = {}): Promise<Found | undefined> => {
    const [, user, id, secret] = TOKEN.exec(token) ?? [];
    if (user === undefined || id === undefined || secret === undefined) return undefined;
    const keys = keysOf(user, id);
    const wanted = [keys.birth, keys.secret, keys.generation, keys.used, ...(withData ? [keys.data] : [])];
    const [birth, hash, generation, used, data] = await getMany(wanted);
    if (!birth || !hash || !timingSafeEqual(hash, hashOf(secret))) return undefined;
    const born = JSON.parse(birth.toString()) as Birth;
    if (generation && generation.toString() !== born.generation) {
      // Gone before its generation can be: a full store forgets first what nobody has asked for longest.
      await store.delete(keys.birth);
      return undefined;
    }
    const latestEnd = born.startedAt + longestMs;
    const lastUse = sliding && used ? Number(used.toString()) : born.startedAt;
    const expiresAt = Math.min(latestEnd, lastUse + lifetimeMs);
    if (expiresAt <= now()) return undefined;
    const renewed = sliding && expiresAt < latestEnd ? await renew(keys, id, lastUse, latestEnd) : undefined;
    return { ...born, keys, prefix: `sls_${user}${id}`, data, latestEnd, expiresAt: renewed ?? expiresAt };
  };

  /** The new end; undefined when it stays. */
  const renew = async (keys: Keys, id: string, lastUse: number, latestEnd: number): Promise<number | undefined> => {
    const time = now();
    if (time - Math.max(lastUse, renewals.get(id) ?? 0) < renewalPauseMs) return undefined;
    renewals.set(id, time, 1);
    const expiresAt = Math.min(latestEnd, time + lifetimeMs);
    return store.set(keys.used, Buffer.from(String(time)), expiresAt - time).then(
      () => expiresAt,
      // The session is valid all the same: a store that is full can still be read. A later use tries again.
      () => undefined,
    );
  };

  /** Makes the one valid token of a session. */
  const issue = async (keys: Keys, prefix: string, ends: { expiresAt: number; latestEnd: number }) => {
    const secret = randomText(BYTES.secret);
    await store.set(keys.secret, hashOf(secret), ends.latestEnd - now());
    return {
      token: `${prefix}${secret}`,
      expiresAt: new Date(ends.expiresAt),
      latestEnd: new Date(ends.latestEnd),
    };
  };

  return {
    async create(owner) {
      const [user, id] = [userPart(owner), randomText(BYTES.id)];
      const keys = keysOf(user, id);
      const generation = (await store.get(keys.generation))?.toString() ?? '';
      const startedAt = now();
      const birth: Birth = { owner, generation, startedAt };
      const ends = { expiresAt: startedAt + lifetimeMs, latestEnd: startedAt + longestMs };
      const [issued] = await Promise.all([
        issue(keys, `sls_${user}${id}`, ends),
        store.set(keys.birth, Buffer.from(JSON.stringify(birth)), longestMs),
      ]);
      return issued;
    },
    async find(token) {
      const found = await look(token);
      return found && { owner: found.owner, expiresAt: new Date(found.expiresAt) };
    },
    async read(token) {
      const found = await look(token, { withData: true });
      if (!found) return undefined;
      const data = found.data ? (JSON.parse(found.data.toString()) as SessionData) : {};
      return { owner: found.owner, expiresAt: new Date(found.expiresAt), data };
    },
    async update(token, data) {
      const found = await look(token);
      if (!found) return undefined;
      await store.set(found.keys.data, Buffer.from(JSON.stringify(data)), found.latestEnd - now());
      return { owner: found.owner, expiresAt: new Date(found.expiresAt) };
    },
    async rotate(token) {
      const found = await look(token);
      return found && issue(found.keys, found.prefix, found);
    },
    async end(token) {
      const found = await look(token);
      if (!found) return;
      const { birth, secret, data, used } = found.keys;
      await Promise.all([birth, secret, data, used].map((key) => store.delete(key)));
    },
    async endAll(owner) {
      const { generation } = keysOf(userPart(owner), '');
      await store.set(generation, Buffer.from(randomText(BYTES.id)), longestMs);
    },
  };
}

type Keys = Readonly<Record<'birth' | 'secret' | 'data' | 'used' | 'generation', string>>;

/** The braces keep what one user has on one node of a Redis Cluster. */
function keysOf(user: string, id: string): Keys {
  const birth = `session:{${user}}:${id}`;
  return {
    birth,
    secret: `${birth}:secret`,
    data: `${birth}:data`,
    used: `${birth}:used`,
    generation: `session:{${user}}:generation`,
  };
}

/** Which user a token belongs to: enough to find the generation in the same trip as the session. */
function userPart(owner: string): string {
  return createHash('sha256').update(owner).digest().subarray(0, BYTES.user).toString('base64url');
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
