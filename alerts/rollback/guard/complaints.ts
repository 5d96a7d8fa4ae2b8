import type { Log } from '../../../service/telemetry/log.ts';
import type { Doing, GuardMetrics } from '../metrics.ts';

/** Tells what could not be done: counted each time, logged when it is new or a minute has passed. */
export type Complain = (doing: Doing, error: unknown) => void;

/** Where complaints go. */
export type ComplaintsOptions = {
  readonly log: Pick<Log, 'error'>;
  readonly metrics: Pick<GuardMetrics, 'failed'>;
  /** In milliseconds since 1970. */
  readonly now: () => number;
};

const WORDS: Readonly<Record<Doing, string>> = {
  read: 'cannot read',
  store: 'cannot store',
  act: 'cannot act',
  tell: 'cannot tell the receiver',
  lease: 'cannot hold the lease',
};

// The loop tries again every second, and the log is for people.
const LOGGED_EVERY = 60_000;

/** Complaints of a loop that goes on. */
export function createComplaints({ log, metrics, now }: ComplaintsOptions): Complain {
  const last = new Map<Doing, { readonly message: string; readonly at: number }>();
  return (doing, error) => {
    metrics.failed(doing);
    const message = error instanceof Error ? error.message : String(error);
    const before = last.get(doing);
    if (before?.message === message && now() - before.at < LOGGED_EVERY) return;
    last.set(doing, { message, at: now() });
    log.error({ doing, err: error }, WORDS[doing]);
  };
}

/** What was being done when something failed. */
export class Undone extends Error {
  override readonly name = 'Undone';
  readonly doing: Doing;

  constructor(doing: Doing, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.doing = doing;
  }
}

/** Waits for something, and throws an Undone when it fails. */
export async function during<T>(doing: Doing, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Undone(doing, error);
  }
}
