import type { Evidence, Verdict } from './evidence.ts';
import type { Policy } from './policy.ts';

/** What comes of the evidence: the first rule that holds. */
export function judge(_evidence: Evidence, _policy: Policy): Verdict {
  throw new Error('not built yet');
}
