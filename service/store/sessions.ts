import { createHash, randomBytes } from 'node:crypto';
import type { KeyValueStore } from './key-value.ts';

/** A user who is logged in. */
export type Session = { readonly owner: string; readonly expiresAt: Date };

/** The sessions of a service. Every call rejects when the store does not answer. */
export type Sessions = {
  /** Begins a session; the token is told once and kept only as a hash. */
  create(owner: string): Promise<{ token: string; expiresAt: Date }>;
  /** The session of a token; undefined when there is none or it is over. */
  find(token: string): Promise<Session | undefined>;
  /** Ends the session of a token; nothing happens when there is none. */
  end(token: string): Promise<void>;
};

/** Settings of sessions. */
export type SessionOptions = {
  readonly store: KeyValueStore;
  /** From log-in to the end; using a session does not lengthen it. */
  readonly lifetimeMs: number;
  /** Wall clock in milliseconds; default Date.now. */
  readonly now?: () => number;
};

const TOKEN_BYTES = 32;

/** Sessions of random tokens in a store. */
export function createSessions({ store, lifetimeMs, now = Date.now }: SessionOptions): Sessions {
  return {
    async create(owner) {
      const token = `sls_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const expiresAt = new Date(now() + lifetimeMs);
      await store.set(keyOf(token), Buffer.from(JSON.stringify({ owner, expiresAt })), lifetimeMs);
      return { token, expiresAt };
    },
    async find(token) {
      const bytes = await store.get(keyOf(token));
      if (!bytes) return undefined;
      const { owner, expiresAt } = JSON.parse(bytes.toString()) as { owner: string; expiresAt: string };
      return { owner, expiresAt: new Date(expiresAt) };
    },
    end: (token) => store.delete(keyOf(token)),
  };
}

function keyOf(token: string): string {
  return `session:${createHash('sha256').update(token).digest('base64url')}`;
}
