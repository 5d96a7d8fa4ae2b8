import type { Figures, Sample } from '../evidence.ts';
import type { Companion, Facts } from '../facts.ts';
import type { ProbedVersion } from '../metrics.ts';
import type { Policy } from '../policy.ts';
import type { Aims } from '../probes.ts';
import type { Compared } from '../prometheus.ts';
import type { State, Watch } from '../state.ts';

// Enough to study a fault, and too few to matter.
const WITHDRAWN_RATE = 1;

/** The versions whose figures matter now; undefined: nothing is judged. */
export function comparedOf({ phase, watch }: State, { baseline }: Facts): Compared | undefined {
  if (!watch || (phase !== 'watching' && phase !== 'deciding')) return undefined;
  const hashes = [watch.previous?.hash, keptOf(watch, baseline)?.hash];
  return { release: watch.hash, previous: hashes.filter((hash) => hash !== undefined) };
}

/**
 * Who is to be asked by synthetic requests: both versions as long as users alone do not fill the sample of each, and a
 * withdrawn one always. `sent` is what was asked of a version in the window, and so no user's.
 */
export function aimsOf(
  state: State,
  facts: Facts,
  sample: Sample | undefined,
  { probes, minimumSample }: Policy,
  sent: (to: ProbedVersion) => number,
): Aims {
  const { watch } = state;
  const { baseline, withdrawn } = facts;
  const isJudged = watch && comparedOf(state, facts) && probes > 0;
  const rateFor = (to: ProbedVersion, figures: Figures | undefined): number =>
    figures && Math.min(figures.requests, figures.timed) - sent(to) >= minimumSample ? 0 : probes;
  const previous = watch && (keptOf(watch, baseline)?.hash ?? watch.previous?.hash);
  return {
    ...(isJudged && { release: { hash: watch.hash, rate: rateFor('release', sample?.release) } }),
    ...(isJudged &&
      previous !== undefined && { previous: { hash: previous, rate: rateFor('previous', sample?.previous) } }),
    ...(withdrawn?.hash !== undefined && { withdrawn: { hash: withdrawn.hash, rate: WITHDRAWN_RATE } }),
  };
}

/** The kept pod, where it is of the version before and not one left over from another release. */
function keptOf({ previous }: Watch, baseline: Companion | undefined): Companion | undefined {
  return baseline?.of === previous?.hash ? baseline : undefined;
}
