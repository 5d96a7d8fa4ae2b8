import type { Exchange } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The request's Idempotency-Key; undefined when it has none. Throws a Problem for one that is not well formed. */
export function findIdempotencyKey({ request }: Exchange): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) return key;
  throw new Problem('malformed-request', {
    detail: 'Idempotency-Key must have 1 to 255 visible ASCII characters.',
  });
}

/** The request's Idempotency-Key. Throws a Problem when it has none or one that is not well formed. */
export function requireIdempotencyKey(exchange: Exchange): string {
  const key = findIdempotencyKey(exchange);
  if (key !== undefined) return key;
  throw new Problem('malformed-request', {
    detail: 'Send an Idempotency-Key, new for each payment and the same when one is sent again.',
  });
}
