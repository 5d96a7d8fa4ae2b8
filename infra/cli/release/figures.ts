import type { Figures, Sample } from '../../../alerts/rollback/index.ts';
import { shareInWords } from './times.ts';

/** What was counted of some pods, in a few words. */
export function figuresInWords(figures: Figures | undefined): string {
  if (!figures) return 'no series';
  const { requests, failed, timed, fast } = figures;
  const errors = requests === 0 ? '' : `, ${shareInWords(failed)} failed`;
  const times = timed === 0 ? '' : `, ${shareInWords(fast)} of ${Math.round(timed)} fast enough`;
  return `${Math.round(requests)} requests${errors}${times}`;
}

/** One look at both versions, in a line each. */
export function sampleInWords({ release, previous }: Sample): readonly string[] {
  return [`this release: ${figuresInWords(release)}`, `the one before: ${figuresInWords(previous)}`];
}
