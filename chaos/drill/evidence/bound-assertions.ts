import { toFraction, toSeconds } from '../../../service/definition/index.ts';
import type { Bound } from '../../experiment.ts';
import type { Assertion } from '../../report/run.ts';
import { ASKS } from '../load/asks.ts';
import { isLost, type SentRequest } from '../load/request.ts';
import { answerTimes, failedAtFirst, quantile, reasonsOf } from '../load/tally.ts';
import { boundIds } from '../names.ts';
import type { Look } from '../polling.ts';
import type { Course, FaultTimes } from './course.ts';
import { inPercent, inSeconds } from './words.ts';

type Measured = Pick<Assertion, 'outcome' | 'measured' | 'allowed'> & {
  readonly value?: number;
  readonly limit: number;
};
type Skipped = { readonly skipped: string; readonly allowed: string };

/**
 * What became of the requests, beside what may. What is lost counts from the injection to the end. Shares and times are
 * of the requests that were sent while the fault was there: how long it takes until all is well again would thin them.
 */
export function boundAssertions(course: Course): readonly Assertion[] {
  const { experiment, fault } = course;
  const ids = boundIds(experiment.bounds);
  return experiment.bounds.map((bound, place): Assertion => {
    const named = { id: ids[place] ?? bound.kind, title: titleOf(bound), kind: 'bound' } as const;
    const result = fault ? measure(bound, course, fault) : { skipped: 'the fault was never injected', allowed: '' };
    if (!('skipped' in result)) return { ...named, ...result };
    return { ...named, outcome: 'skipped', measured: 'nothing', allowed: result.allowed, reason: result.skipped };
  });
}

function measure(bound: Bound, course: Course, fault: FaultTimes): Measured | Skipped {
  // A request that is under way when the fault begins meets it too.
  const sent = course.requests.filter(({ first }) => first === undefined || first.endedAt >= fault.beganAt);
  switch (bound.kind) {
    case 'lost': {
      const meant = sent.filter((request) => isMeant(request, bound));
      const lost = meant.filter(isLost);
      const measured = `${lost.length} of ${meant.length}${because(lost)}`;
      return judged(meant.length > 0, lost.length, bound.atMost, measured, `at most ${bound.atMost}`);
    }
    case 'failed': {
      const meant = during(sent, fault).filter((request) => isMeant(request, bound));
      const failed = failedAtFirst(meant);
      const share = failed.length / meant.length;
      const measured = `${inPercent(share)}, ${failed.length} of ${meant.length}${because(failed)}`;
      return judged(meant.length > 0, share, toFraction(bound.atMost), measured, `at most ${bound.atMost}`);
    }
    case 'p99': {
      const times = answerTimes(during(sent, fault).filter((request) => isMeant(request, bound)));
      const p99 = quantile(times, 0.99);
      const measured = `${inSeconds(p99 ?? Number.NaN)} of ${times.length}`;
      return judged(p99 !== undefined, p99 ?? Number.NaN, toSeconds(bound.atMost), measured, `at most ${bound.atMost}`);
    }
    case 'amplification':
    case 'fetches': {
      const allowed = `at most ${bound.atMost}`;
      const blind = course.stand.blindTo('fetches');
      if (blind !== undefined) return { skipped: blind, allowed };
      const looks = course.watch.fetches;
      return bound.kind === 'fetches'
        ? fetchesOf(looks, fault, bound.atMost, allowed)
        : amplificationOf(looks, sent, fault, bound.atMost, allowed);
    }
  }
}

function fetchesOf(
  looks: readonly Look<number>[],
  fault: FaultTimes,
  limit: number,
  allowed: string,
): Measured | Skipped {
  const [, inFault] = spanOf(looks, fault) ?? [];
  if (!inFault) return { skipped: 'requests to the upstream were not counted', allowed };
  // Between two looks too near to each other one burst could be half; over a second it is whole.
  const most = Math.max(
    0,
    ...inFault.map((from, place) => {
      const to = inFault.findIndex(({ at }, later) => later > place && at - from.at >= 1000);
      return grown(inFault.slice(place, to < 0 ? undefined : to + 1));
    }),
  );
  return judged(true, most, limit, `${most} at once`, allowed);
}

function amplificationOf(
  looks: readonly Look<number>[],
  sent: readonly SentRequest[],
  fault: FaultTimes,
  limit: number,
  allowed: string,
): Measured | Skipped {
  const [span, inFault] = spanOf(looks, fault) ?? [];
  if (!span || !inFault) return { skipped: 'requests to the upstream were not counted', allowed };
  const tries = sent
    .filter(({ ask, at }) => ASKS[ask].reachesUpstream && at >= span.from && at <= span.to)
    .reduce((sum, { second }) => sum + (second ? 2 : 1), 0);
  const reached = grown(inFault);
  const ratio = reached / tries;
  const measured = `${Number(ratio.toPrecision(3))}: ${reached} reached it, ${tries} were sent`;
  return judged(tries > 0, ratio, limit, measured, allowed);
}

/** The looks from the last one before the fault to the last one in it, and the time between these. */
function spanOf(
  looks: readonly Look<number>[],
  { beganAt, endedAt }: FaultTimes,
): readonly [{ readonly from: number; readonly to: number }, readonly Look<number>[]] | undefined {
  const first = Math.max(
    0,
    looks.findLastIndex(({ askedAt }) => askedAt <= beganAt),
  );
  const span = looks.slice(first, looks.findLastIndex(({ askedAt }) => askedAt <= endedAt) + 1);
  const [from, to] = [span[0], span.at(-1)];
  return from && to && span.length > 1 ? [{ from: from.at, to: to.at }, span] : undefined;
}

/** By how much a counter has grown; one that falls has begun again. */
function grown(looks: readonly Look<number>[]): number {
  return looks.reduce((sum, { value }, place) => {
    const before = looks[place - 1]?.value ?? value;
    return sum + (value >= before ? value - before : value);
  }, 0);
}

function judged(isKnown: boolean, value: number, limit: number, measured: string, allowed: string): Measured {
  // A bound that nothing was measured of must not pass.
  if (!isKnown) return { outcome: 'broke', measured: 'nothing was answered that it is about', allowed, limit };
  return { outcome: value <= limit ? 'held' : 'broke', measured, allowed, value, limit };
}

function during(requests: readonly SentRequest[], { endedAt }: FaultTimes): readonly SentRequest[] {
  return requests.filter(({ at }) => at <= endedAt);
}

function isMeant({ lane, ask }: SentRequest, bound: Extract<Bound, { lane: unknown }>): boolean {
  return lane === bound.lane && (bound.asks?.includes(ask) ?? true);
}

function because(requests: readonly SentRequest[]): string {
  const reasons = Object.entries(reasonsOf(requests)).slice(0, 3);
  return reasons.length === 0 ? '' : ` (${reasons.map(([reason, count]) => `${reason}: ${count}`).join(', ')})`;
}

function titleOf(bound: Bound): string {
  const asks = 'asks' in bound ? ` of ${bound.asks.join(', ')}` : '';
  switch (bound.kind) {
    case 'lost':
      return `requests of the ${bound.lane} lane${asks} lost even after one retry`;
    case 'failed':
      return `requests of the ${bound.lane} lane${asks} that failed at first, while the fault was there`;
    case 'p99':
      return `99th percentile of answers of the ${bound.lane} lane${asks}, while the fault was there`;
    case 'amplification':
      return 'requests that reached the upstream for each that clients sent';
    case 'fetches':
      return 'requests that reached the upstream for one that many asked for at once';
  }
}
