import type { Evidence, Verdict } from './evidence.ts';
import type { Policy } from './policy.ts';
import { isAsked, RULES } from './rules.ts';

/** What comes of the evidence: the answer of the first rule that is asked and holds. The last one always holds. */
export function judge(evidence: Evidence, policy: Policy): Verdict {
  const rule = RULES.find((candidate) => isAsked(candidate, evidence) && candidate.holds(evidence, policy));
  if (!rule) throw new Error('no rule holds, not even the last');
  return {
    answer: typeof rule.answer === 'string' ? rule.answer : rule.answer(evidence, policy),
    rule: rule.id,
    reason: `${rule.claim}: ${rule.detail(evidence, policy)}`,
  };
}
