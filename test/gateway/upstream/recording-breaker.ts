import type { Breaker, BreakerState } from '../../../service/resilience/index.ts';

/** A breaker that a test opens, and that notes what it is told. */
export type RecordingBreaker = Breaker & { state: BreakerState; readonly verdicts: string[] };

/** A breaker in this state. */
export function recordingBreaker(state: BreakerState = 'closed'): RecordingBreaker {
  const verdicts: string[] = [];
  const verdict = (name: string) => () => void verdicts.push(name);
  return {
    name: 'test',
    state,
    retryAfterMs: 2_100,
    verdicts,
    enter() {
      if (this.state === 'open') return undefined;
      return { success: verdict('success'), failure: verdict('failure'), ignore: verdict('ignore') };
    },
  };
}
