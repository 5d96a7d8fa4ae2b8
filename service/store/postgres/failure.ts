import { DatabaseError } from 'pg';
import { Problem } from '../../gateway/problem.ts';
import type { Breaker } from '../../resilience/index.ts';
import { NoSlotError } from './slots.ts';

/**
 * What failed. `connect`: no connection could be made; `left-alone`: none was tried, for the breaker is open;
 * `exhausted`: every connection of the lane stayed in use; `broken`: a connection broke off under a statement;
 * `silent`: Postgres did not even say that the statement took too long; `slow`: it did; `refused`: it cannot serve this
 * now, for want of disk or memory or because it is a replica; `idle`: a connection broke that nobody used.
 */
export type DatabaseFailure =
  'connect' | 'left-alone' | 'exhausted' | 'broken' | 'silent' | 'slow' | 'refused' | 'idle';

/** How a statement or a connection failed. */
export type Judgement = {
  /** What its caller is told. */
  readonly error: unknown;
  /** Absent where the statement itself is wrong. */
  readonly kind?: DatabaseFailure;
  /** Whether the connection is of no more use. */
  readonly broken: boolean;
};

/** SQLSTATE classes that say that Postgres cannot serve anyone now: connection, resources, operator, read-only. */
const UNAVAILABLE = /^(08|53|57P|25006)/;
/** Codes of the system for a server that is not there or does not answer. */
const UNREACHABLE = /^(ECONN|ETIMEDOUT|EHOST|ENET|EPIPE|EAI_AGAIN)/;
/** The driver's own words for the same, which have no code. */
const BROKEN_OFF = /timeout|terminated/;
/** Of `query_canceled`: the statement timeout. */
const CANCELED = '57014';

/** What an error of the driver says about a statement that was sent. */
export function judge(cause: unknown): Judgement {
  if (cause instanceof DatabaseError) {
    const broken = cause.severity === 'FATAL' || cause.severity === 'PANIC';
    if (cause.code === CANCELED) return { error: tooLong(cause), kind: 'slow', broken };
    if (broken) return { error: unavailable(cause), kind: 'broken', broken };
    if (UNAVAILABLE.test(cause.code ?? '')) return { error: unavailable(cause), kind: 'refused', broken };
    return { error: cause, broken };
  }
  // Values that the driver cannot write are found before anything is sent.
  if (cause instanceof TypeError) return { error: cause, broken: true };
  if (cause instanceof Error && cause.message === 'Query read timeout')
    return { error: tooLong(cause), kind: 'silent', broken: true };
  return { error: unavailable(cause), kind: 'broken', broken: true };
}

/**
 * Whether an error of the driver says that Postgres serves nobody. A wrong name, password or certificate is none: then
 * it serves others.
 */
export function isUnavailable(cause: unknown): boolean {
  const { code = '', message = '' } = cause as { readonly code?: string; readonly message?: string };
  return cause instanceof DatabaseError ? UNAVAILABLE.test(code) : UNREACHABLE.test(code) || BROKEN_OFF.test(message);
}

/** No connection could be made. */
export function notConnected(cause: unknown): Judgement {
  return { error: unavailable(cause), kind: 'connect', broken: true };
}

/** No connection became free. Anything else, such as the reason of an abort, is passed on. */
export function notLent(cause: unknown): Judgement {
  if (!(cause instanceof NoSlotError)) return { error: cause, broken: false };
  const detail = 'Every connection to the database is in use.';
  const error = new Problem('overloaded', { detail, headers: ['retry-after', '1'], cause });
  return { error, kind: 'exhausted', broken: false };
}

/** The breaker lets nothing through. */
export function leftAlone({ retryAfterMs }: Breaker): Judgement {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const error = new Problem('store-unavailable', {
    detail: `The database did not answer and is asked again in ${seconds} s at the earliest.`,
    headers: ['retry-after', String(seconds)],
  });
  return { error, kind: 'left-alone', broken: false };
}

/** The end of a transaction is not known. */
export function outcomeUnknown(cause: unknown): Problem {
  return new Problem('store-unavailable', {
    detail: 'The database broke off while it was to keep this: send it again with the same Idempotency-Key.',
    cause,
  });
}

function unavailable(cause: unknown): Problem {
  return new Problem('store-unavailable', { detail: 'The database does not answer.', cause });
}

function tooLong(cause: unknown): Problem {
  return new Problem('deadline-exceeded', { detail: 'The database took too long.', cause });
}
