import type { Evidence, Figures } from './evidence.ts';
import type { Policy } from './policy.ts';
import { percent, requests } from './words.ts';

/** What a release is judged by. */
export type Measure = {
  /** Requests that it is a share of. */
  readonly sample: (figures: Figures) => number;
  readonly isBeyond: (figures: Figures, policy: Policy) => boolean;
  /** In words, with the limit. */
  readonly tell: (figures: Figures, policy: Policy) => string;
};

/** Errors and latency, as the alerts on a release count them. */
export const MEASURES: readonly Measure[] = [
  {
    sample: (figures) => figures.requests,
    isBeyond: ({ failed }, { errors }) => failed > errors,
    tell: (figures, { errors }) =>
      `${percent(figures.failed)} of ${requests(figures.requests)} failed (at most ${percent(errors)})`,
  },
  {
    sample: (figures) => figures.timed,
    isBeyond: (figures, { fast }) => figures.timed > 0 && figures.fast < fast,
    tell: (figures, { fast }) =>
      `${percent(figures.fast)} of ${requests(figures.timed)} were fast (at least ${percent(fast)})`,
  },
];

/** Measures by which the release is bad, told by enough requests. */
export function confirmed({ sample }: Evidence, policy: Policy): readonly Measure[] {
  return measured(sample?.release, policy).filter(
    ({ isBeyond }) => sample?.release && isBeyond(sample.release, policy),
  );
}

/** Those of them for which the version before has had enough requests too. */
export function comparable(evidence: Evidence, policy: Policy): readonly Measure[] {
  const known = measured(evidence.sample?.previous, policy);
  return confirmed(evidence, policy).filter((measure) => known.includes(measure));
}

/** Whether a limit may be broken and too few requests tell, or there are too few to tell anything. */
export function isSampleTooSmall(evidence: Evidence, policy: Policy): boolean {
  if (confirmed(evidence, policy).length > 0) return false;
  const figures = evidence.sample?.release;
  if (!figures || figures.requests < policy.minimumSample) return true;
  return MEASURES.some(({ isBeyond }) => isBeyond(figures, policy));
}

/** Both figures of one version in words. */
export function tellFigures(figures: Figures | undefined, policy: Policy): string {
  return figures ? MEASURES.map(({ tell }) => tell(figures, policy)).join(' and ') : 'no request was counted';
}

function measured(figures: Figures | undefined, { minimumSample }: Policy): readonly Measure[] {
  return figures ? MEASURES.filter(({ sample }) => sample(figures) >= minimumSample) : [];
}
