import type { Exchange } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';

/** Who owns what this request creates or reads. Throws a Problem for a caller without an account. */
export function requireOwner({ caller }: Exchange): string {
  if (caller.owner !== undefined) return caller.owner;
  throw new Problem('authentication-required', { headers: ['www-authenticate', 'Bearer'] });
}
