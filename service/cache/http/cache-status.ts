import { isToken } from './fields.ts';

/** Why a request went to the origin (RFC 9211, section 2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale';

/** What happened to a request that went to the origin. */
export type Forwarding = {
  readonly reason: ForwardReason;
  /** Status of the origin's answer; only where the client is given another. */
  readonly status?: number;
  readonly stored?: boolean;
  /** Whether another request's answer was taken. */
  readonly collapsed?: boolean;
};

/** Name of a cache as it stands in Cache-Status: a token as it is, else in quotes (RFC 9211, section 2). */
export function cacheName(name: string): string {
  if (isToken(name) && /^[a-z*]/i.test(name)) return name;
  return `"${name.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`;
}

/** Cache-Status of an answer from the store; `ttlMs` is what is left of its time, negative when it is over. */
export function hitStatus(name: string, ttlMs: number, nearer?: string): string {
  return after(nearer, `${name}; hit; ttl=${Math.floor(ttlMs / 1_000)}`);
}

/** Cache-Status of an answer that came from the origin. */
export function forwardStatus(name: string, forwarding: Forwarding, nearer?: string): string {
  const { reason, status, stored, collapsed } = forwarding;
  let own = `${name}; fwd=${reason}`;
  if (status !== undefined) own += `; fwd-status=${status}`;
  if (stored) own += '; stored';
  if (collapsed) own += '; collapsed';
  return after(nearer, own);
}

/** Caches stand in the order of the way from the origin (RFC 9211, section 2). */
function after(nearer: string | undefined, own: string): string {
  return nearer === undefined ? own : `${nearer}, ${own}`;
}
