import type { Verdict } from './evidence.ts';
import type { ReleaseRecord } from './record.ts';

/** What one rule says to the evidence of a record. */
export type RuleAnswer = {
  readonly id: string;
  /** Absent: it was not asked, since the order of a person stands above it. */
  readonly held?: boolean;
  /** With the numbers. */
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
export function explainRecord(_record: ReleaseRecord): Explanation | undefined {
  throw new Error('not built yet');
}
