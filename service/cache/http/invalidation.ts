import { fieldValue } from './fields.ts';

/** Methods that change nothing at the origin (RFC 9110, section 9.2.1); whatever is unknown may. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether a request of this method may change what is kept (RFC 9111, section 4.4). */
export function isUnsafe(method: string): boolean {
  return !SAFE.has(method);
}

/** Where a request went: `http` or `https`, the host that it named, lower case, and its target, path and query. */
export type Address = { readonly scheme: string; readonly host: string; readonly target: string };

/**
 * The addresses whose answers an unsafe request makes invalid: its own, and those of the same origin that Location and
 * Content-Location name; none when it failed (RFC 9111, section 4.4).
 */
export function invalidatedAddresses(address: Address, status: number, fields: readonly string[]): readonly Address[] {
  if (status < 200 || status >= 400) return [];
  const named = ['location', 'content-location'].flatMap((name) => sameOrigin(address, fieldValue(fields, name)) ?? []);
  return [address, ...named.filter(({ target }) => target !== address.target)];
}

function sameOrigin({ scheme, host, target }: Address, reference: string | undefined): Address | undefined {
  const base = `${scheme}://${host}${target}`;
  if (reference === undefined || !URL.canParse(base) || !URL.canParse(reference, base)) return undefined;
  const url = new URL(reference, base);
  return url.origin === new URL(base).origin ? { scheme, host, target: `${url.pathname}${url.search}` } : undefined;
}
