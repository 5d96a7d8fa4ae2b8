import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';

/** What became of the requests of one phase. */
export type Outcome = {
  readonly seconds: number;
  readonly sent: number;
  /** Milliseconds from when each was due until it was answered with 2xx. */
  readonly answeredMs: number[];
  /** Answered with anything else. */
  refused: number;
};

/** Requests that come at a steady rate, whether or not those before are answered. */
export type OpenLoop = {
  run(seconds: number, perSecond: number): Promise<Outcome>;
  close(): Promise<void>;
};

/** An open loop against one URL's origin. Times count from when a request was due, so that a late sender hides nothing. */
export function createOpenLoop(url: string): OpenLoop {
  const pool = new Pool(new URL(url).origin, { connections: null });
  return {
    async run(seconds, perSecond) {
      const startedAt = performance.now();
      const sent = Math.round(seconds * perSecond);
      const outcome: Outcome = { seconds, sent, answeredMs: [], refused: 0 };
      const open: Promise<void>[] = [];
      while (open.length < sent) {
        const due = Math.min(sent, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond));
        while (open.length < due) open.push(ask(pool, startedAt + (open.length * 1000) / perSecond, outcome));
        await wait(1);
      }
      await Promise.all(open);
      return outcome;
    },
    close: () => pool.close(),
  };
}

async function ask(pool: Pool, dueAt: number, outcome: Outcome): Promise<void> {
  const { statusCode, body } = await pool.request({ path: '/', method: 'GET' });
  await body.dump();
  if (statusCode === 200) outcome.answeredMs.push(performance.now() - dueAt);
  else outcome.refused += 1;
}
