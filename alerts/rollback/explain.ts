import type { Verdict } from './evidence.ts';
import { judge } from './judge.ts';
import type { ReleaseRecord } from './record.ts';
import { isAsked, RULES } from './rules.ts';

/** What one rule says to the evidence of a record. */
export type RuleAnswer = {
  readonly id: string;
  /** Absent: it was not asked, since the order of a person stands above it. */
  readonly held?: boolean;
  /** What is so when it holds. */
  readonly claim: string;
  /** What that is told by, with the numbers. */
  readonly detail: string;
};

/** A decision, made again. */
export type Explanation = {
  /** Whether it is the one that the record tells. */
  readonly same: boolean;
  readonly recorded: Verdict;
  readonly again: Verdict;
  /** Each rule in turn; the first that held has decided. */
  readonly rules: readonly RuleAnswer[];
};

/** Decides again by what a record holds; undefined when there was nothing to decide. */
export function explainRecord({ decision }: ReleaseRecord): Explanation | undefined {
  if (!decision) return undefined;
  const { evidence, policy, verdict } = decision;
  const again = judge(evidence, policy);
  return {
    same: again.answer === verdict.answer && again.rule === verdict.rule && again.reason === verdict.reason,
    recorded: verdict,
    again,
    rules: RULES.map((rule) => ({
      id: rule.id,
      ...(isAsked(rule, evidence) && { held: rule.holds(evidence, policy) }),
      claim: rule.claim,
      detail: rule.detail(evidence, policy),
    })),
  };
}
