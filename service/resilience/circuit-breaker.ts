import { toFraction, toMilliseconds, type BreakerSettings } from '../definition/index.ts';
import type { BreakerCall, BreakerCause, BreakerState, BreakerTransition, ManagedBreaker } from './breaker.ts';
import { SlidingCounts } from './internal/sliding-counts.ts';

/** What a breaker is made from. */
export type BreakerOptions = {
  readonly name: string;
  readonly settings: BreakerSettings;
  /** Told of each change of state. */
  readonly onTransition?: (transition: BreakerTransition) => void;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
  /** Wall clock in milliseconds, for people; default Date.now. */
  readonly wallClock?: () => number;
  /** From 0 to 1, for the time it stays open; default Math.random. */
  readonly random?: () => number;
};

type Verdict = keyof BreakerCall;

/** The actual time open is up to this share longer, so that the processes that share a dependency do not probe at once. */
const OPEN_JITTER = 0.2;
/** Asked less often than this a half-open breaker is not engaged; longer than BreakerOpen waits, so that it sees it. */
const IDLE_MS = 300_000;
const CALLS = 0;
const FAILURES = 1;
const SLOW = 2;

/**
 * A breaker that opens on failures in a row, and on the share of failed or of slow calls among those that ended in a
 * sliding window, once that holds enough calls. After the time open, `probes` calls at once may try; as many successes
 * close it, one failure opens it again. The time of a call runs from `enter` to its report.
 * - A report of a call that began before the last change of state counts nothing: it tells of a time that is over.
 * - A probe that has not reported within the longer of `open` and `slowCall` gives its place to another; should it
 *   report later, and the state still be the same, that counts.
 * - Where slowness opened it, a slow probe counts as failed.
 */
export function createBreaker({
  name,
  settings,
  onTransition = () => undefined,
  now = () => performance.now(),
  wallClock = Date.now,
  random = Math.random,
}: BreakerOptions): ManagedBreaker {
  const openMs = toMilliseconds(settings.open);
  const slowMs = toMilliseconds(settings.slowCall);
  const lapseMs = Math.max(openMs, slowMs);
  const failureRate = toFraction(settings.failureRate);
  const slowRate = toFraction(settings.slowRate);
  const counts = new SlidingCounts(toMilliseconds(settings.window), 3);
  const probing = new Set<Call>();
  let state: BreakerState = 'closed';
  let cause: BreakerCause | undefined;
  let since = wallClock();
  let generation = 0;
  let openUntil = 0;
  /** When somebody was last kept away or let probe. */
  let askedAt = 0;
  let becauseSlow = false;
  let failuresInARow = 0;
  let probesPassed = 0;

  const change = (to: BreakerState, why: BreakerCause, agoMs = 0): void => {
    const from = state;
    state = to;
    cause = why;
    since = wallClock() - agoMs;
    generation++;
    probing.clear();
    failuresInARow = 0;
    probesPassed = 0;
    if (from !== to) onTransition({ name, from, to, cause: why });
  };
  const open = (time: number, why: BreakerCause): void => {
    openUntil = time + openMs * (1 + OPEN_JITTER * random());
    if (why !== 'probe-failed') becauseSlow = why === 'slow-rate';
    change('open', why);
  };
  const close = (why: BreakerCause): void => {
    counts.clear();
    change('closed', why);
  };
  /** Time alone ends the time open; whoever looks first brings the state up to date. */
  const settle = (time: number): void => {
    if (state === 'open' && time >= openUntil) change('half-open', 'time-over', time - openUntil);
  };
  const hasPlaceForProbe = (time: number): boolean => {
    if (probing.size < settings.probes) return true;
    const [oldest] = probing;
    return oldest !== undefined && time - oldest.startedAt >= lapseMs && probing.delete(oldest);
  };
  const boundReached = (time: number): BreakerCause | undefined => {
    if (failuresInARow >= settings.consecutiveFailures) return 'consecutive-failures';
    const calls = counts.sum(CALLS, time);
    if (calls < settings.minimumCalls) return undefined;
    const failures = counts.sum(FAILURES, time);
    if (failures > 0 && failures / calls >= failureRate) return 'failure-rate';
    const slow = counts.sum(SLOW, time);
    return slow > 0 && slow / calls >= slowRate ? 'slow-rate' : undefined;
  };
  const finish = (call: Call, verdict: Verdict): void => {
    if (call.generation !== generation) return;
    probing.delete(call);
    if (verdict === 'ignore') return;
    const time = now();
    const slow = time - call.startedAt > slowMs;
    const failed = verdict === 'failure';
    counts.add(CALLS, time);
    if (failed) counts.add(FAILURES, time);
    if (slow) counts.add(SLOW, time);
    if (state === 'half-open') {
      if (failed || (slow && becauseSlow)) open(time, 'probe-failed');
      else if (++probesPassed >= settings.probes) close('probed');
      return;
    }
    failuresInARow = failed ? failuresInARow + 1 : 0;
    const reached = boundReached(time);
    if (reached !== undefined) open(time, reached);
  };
  const stateAt = (time: number): BreakerState => {
    settle(time);
    return state;
  };
  const retryAfter = (time: number): number => (stateAt(time) === 'open' ? openUntil - time : 0);
  return {
    name,
    get state() {
      return stateAt(now());
    },
    get isEngaged() {
      const time = now();
      const current = stateAt(time);
      return current === 'open' || (current === 'half-open' && time - Math.max(askedAt, openUntil) < IDLE_MS);
    },
    get retryAfterMs() {
      return retryAfter(now());
    },
    enter() {
      const time = now();
      const current = stateAt(time);
      if (current !== 'closed') askedAt = time;
      if (current === 'open' || (current === 'half-open' && !hasPlaceForProbe(time))) return undefined;
      const call = new Call(finish, generation, time);
      if (current === 'half-open') probing.add(call);
      return call;
    },
    row() {
      const time = now();
      const retryAfterMs = Math.ceil(retryAfter(time));
      return {
        name,
        state,
        since: new Date(since).toISOString(),
        cause,
        calls: counts.sum(CALLS, time),
        failures: counts.sum(FAILURES, time),
        slow: counts.sum(SLOW, time),
        retryAfterMs,
      };
    },
    forceOpen() {
      open(now(), 'forced');
    },
    reset() {
      close('reset');
    },
  };
}

class Call implements BreakerCall {
  readonly generation: number;
  readonly startedAt: number;
  readonly #finish: (call: Call, verdict: Verdict) => void;
  #over = false;

  constructor(finish: (call: Call, verdict: Verdict) => void, generation: number, startedAt: number) {
    this.#finish = finish;
    this.generation = generation;
    this.startedAt = startedAt;
  }

  success(): void {
    this.#end('success');
  }

  failure(): void {
    this.#end('failure');
  }

  ignore(): void {
    this.#end('ignore');
  }

  #end(verdict: Verdict): void {
    if (this.#over) return;
    this.#over = true;
    this.#finish(this, verdict);
  }
}
