import type { IncomingHttpHeaders } from 'node:http';

/**
 * `__Host-`: browsers take it only with Secure and Path=/ and without Domain, so that no other host and no plain
 * connection can set it (RFC 6265bis, 4.1.3.2).
 */
const NAME = '__Host-session';
const SAFE_METHODS: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS'];

/** When a browser sends the cookie along with requests that another site caused. */
export type SameSite = 'strict' | 'lax';

/** A `Set-Cookie` value that keeps a session's token until its latest end, out of reach of scripts. */
export function sessionCookie(token: string, latestEnd: Date, sameSite: SameSite, now = Date.now()): string {
  return setCookie(token, Math.max(0, Math.ceil((latestEnd.getTime() - now) / 1000)), sameSite);
}

/** A `Set-Cookie` value that makes the browser forget the session. */
export function clearedSessionCookie(sameSite: SameSite): string {
  return setCookie('', 0, sameSite);
}

/** The token in the `Cookie` header of a request; undefined when there is none. */
export function readSessionCookie({ cookie }: IncomingHttpHeaders): string | undefined {
  if (cookie === undefined) return undefined;
  for (const pair of cookie.split(';')) {
    const text = pair.trimStart();
    if (text.startsWith(`${NAME}=`)) return text.slice(NAME.length + 1).trimEnd();
  }
  return undefined;
}

/**
 * Whether a cookie of this request may count. A browser sends cookies with requests that another site caused; SameSite
 * holds back most of them, this the rest: one that may change something must come from a page of this origin. A
 * browser says so in Sec-Fetch-Site, an older one in Origin; a request with neither is refused, since a program that
 * is no browser can send the token itself.
 */
export function mayUseCookie(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (SAFE_METHODS.includes(method)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  // Not the scheme: behind a proxy that ends TLS this server cannot know its own.
  return new URL(origin).host === host.toLowerCase();
}

function setCookie(value: string, maxAge: number, sameSite: SameSite): string {
  const site = sameSite === 'strict' ? 'Strict' : 'Lax';
  return `${NAME}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; Secure; SameSite=${site}`;
}
