import type { IncomingMessage } from 'node:http';
import { mayUseCookie, readSessionCookie } from './session-cookie.ts';

/** What a request shows of who sent it. */
export type Credential = {
  /** A key or the token of a session, not yet held to be valid. */
  readonly text: string;
  readonly from: 'authorization' | 'x-api-key' | 'cookie';
};

/** Why a request counts as having shown nothing that can be used. */
export type NoCredential = 'none' | 'malformed' | 'cross-site';

/**
 * What a request shows: its Authorization (`Bearer`), else its X-API-Key, else, where `cookies` are in use, the cookie
 * of a session. `malformed`: the Authorization has another form; `cross-site`: there is a cookie, and this request may
 * not use it (see mayUseCookie).
 */
export function readCredential({ method, headers }: IncomingMessage, cookies: boolean): Credential | NoCredential {
  const { authorization, 'x-api-key': key } = headers;
  if (authorization !== undefined) {
    const text = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    return text === undefined ? 'malformed' : { text, from: 'authorization' };
  }
  if (key !== undefined) return { text: String(key), from: 'x-api-key' };
  const token = cookies ? readSessionCookie(headers) : undefined;
  if (token === undefined) return 'none';
  return mayUseCookie(method, headers) ? { text: token, from: 'cookie' } : 'cross-site';
}
