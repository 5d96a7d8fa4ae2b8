import { RELEASE_HEADER, SLOW_MS } from './bad-releases.ts';
import { send } from './load.ts';

/** What became of one request; times in milliseconds, of the wall clock that the cluster on this machine shares. */
export type Answered = {
  /** When it was sent. */
  readonly at: number;
  readonly ms: number;
  /** 0: there was no whole answer. */
  readonly status: number;
  /** The commit that answered, where it says so. */
  readonly release: string | undefined;
};

/** A load that goes on until it is stopped, and what came of it so far. */
export type TimedLoad = {
  readonly answered: readonly Answered[];
  /** Resolves when the last answer has come. */
  stop(): Promise<void>;
};

/**
 * Sends GETs at a steady rate, however slow the answers are. Each takes a connection of its own: over kept ones, pods
 * that come later would be asked nothing.
 */
export function startTimedLoad(perSecond: number, url: (n: number) => string): TimedLoad {
  const answered: Answered[] = [];
  const inFlight = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  const one = async (n: number): Promise<void> => {
    const at = Date.now();
    const from = performance.now();
    const end = ({ status, release }: Pick<Answered, 'status' | 'release'>): void =>
      void answered.push({ at, ms: performance.now() - from, status, release });
    try {
      const { status, headers } = await send(url(n));
      end({ status, release: headers[RELEASE_HEADER]?.toString() });
    } catch {
      end({ status: 0, release: undefined });
    }
  };
  // By what is due and not by ticks: a timer that comes late would lower the rate.
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    for (; sent < due; sent++) {
      const request = one(sent).finally(() => inFlight.delete(request));
      inFlight.add(request);
    }
  }, 1000 / perSecond);
  // A test that fails before it stops its load must not keep the whole run from ending.
  timer.unref();
  return {
    answered,
    async stop() {
      clearInterval(timer);
      await Promise.all(inFlight);
    },
  };
}

/**
 * Searches as users make them: three of four ask one of a few questions, which the cache knows, and the fourth what
 * nobody has asked, which the upstream answers.
 */
export function searchesAt(origin: string): (n: number) => string {
  const run = Date.now().toString(36);
  return (n) => `${origin}/v1/search?q=${n % 4 === 0 ? `${run}-${n}` : `word${n % 20}`}`;
}

/** Whether a request failed. */
export const isFailed = ({ status }: Answered): boolean => status === 0 || status >= 500;

/** Whether a request failed, or waited as long as a slow release keeps one waiting. */
export const isBad = (answer: Answered): boolean => isFailed(answer) || answer.ms >= SLOW_MS;
