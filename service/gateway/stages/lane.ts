import { Readable } from 'node:stream';
import type { Lanes, Permit, Refusal, ShedReason } from '../../resilience/index.ts';
import { OWN_ATTRIBUTES } from '../../telemetry/trace/index.ts';
import type { Exchange } from '../exchange.ts';
import { Problem, problemReply } from '../problem.ts';
import { PROBLEMS, type ProblemCode } from '../problem-table.ts';
import { Relay } from '../relay.ts';
import type { Reply } from '../reply.ts';
import type { Stage, Step } from '../stage.ts';

/** Settings of the stage. */
export type LaneOptions<More extends readonly unknown[]> = {
  readonly lanes: Lanes;
  /** What answers once the request has its place; it may be told more than the exchange. */
  readonly origin: (exchange: Exchange, ...more: More) => Step;
};

/**
 * Gives a request a place in its route's lane while the origin answers it, or refuses it with 503 and Retry-After.
 * An answer that is an event stream gives the place back and counts as a stream until it ends; a large body that is
 * passed on in parts keeps the place. Routes that are not limited need no place.
 */
export function lane<More extends readonly unknown[] = []>({
  lanes,
  origin,
}: LaneOptions<More>): (exchange: Exchange, ...more: More) => Step {
  return function laneStage(exchange, ...more) {
    const answer: Stage = () => origin(exchange, ...more);
    const { limited, lane: name, upstream } = exchange.route;
    if (!limited) return answer(exchange);
    const entry = lanes.enter(name, () => exchange.signal, upstream);
    if ('reason' in entry) return refuse(entry);
    exchange.atEnd(() => entry.release());
    if (!entry.turn) return work(answer, exchange, entry);
    const span = exchange.trace?.begin('queue')?.set(OWN_ATTRIBUTES.lane, name);
    return entry.turn.then((refusal) => {
      span?.end(refusal?.reason);
      if (refusal) return refuse(refusal);
      // Between the turn and this, the client may have left.
      exchange.signal.throwIfAborted();
      return work(answer, exchange, entry);
    });
  };
}

function work(origin: Stage, exchange: Exchange, permit: Permit): Step {
  let step: Step;
  try {
    step = origin(exchange);
  } catch (error) {
    permit.release();
    throw error;
  }
  // What is answered at once says nothing of how long work takes: it is no sample.
  if (!(step instanceof Promise)) return step && hold(permit, step);
  return step.then(
    (reply) => {
      if (!reply) return undefined;
      observe(permit, reply.status);
      return hold(permit, reply);
    },
    (error: unknown) => {
      if (error instanceof Problem && !LOCAL.has(error.code)) observe(permit, PROBLEMS[error.code].status);
      else if (error instanceof DOMException && error.name === 'TimeoutError') permit.observe(true);
      permit.release();
      throw error;
    },
  );
}

/** Gives the place back as soon as nothing more is to be done for the answer than to send it. */
function hold(permit: Permit, reply: Reply): Reply {
  const { body } = reply;
  if (!(body instanceof Readable || body instanceof Relay)) {
    permit.release();
    return reply;
  }
  const refusal = isEventStream(reply) ? permit.becomeStream() : undefined;
  if (refusal) {
    cut(body);
    permit.release();
    return refuse(refusal);
  }
  // The body may be read by others than the sender, when the exchange is long over.
  const release = (): void => permit.release();
  if (body instanceof Relay) body.tap({ write: () => undefined, end: release, fail: release });
  else body.once('close', release);
  return reply;
}

function cut(body: Readable | Relay): void {
  if (body instanceof Relay) {
    body.cancel();
    return;
  }
  // A body that is cut off may say so; nobody is left to be told.
  body.once('error', () => undefined);
  body.destroy();
}

/** Problems that say nothing of whom the work called: the gateway refused by itself. */
const LOCAL: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'overloaded',
  'draining',
  'upstream-unavailable',
  'limits-unavailable',
  'store-unavailable',
]);

/** Statuses by which what was called asks for less. */
const DROPPED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A failure that comes fast would pass for a good time; only what was answered, or dropped, is a sample. */
function observe(permit: Permit, status: number): void {
  if (status < 500 || DROPPED.has(status)) permit.observe(DROPPED.has(status));
}

function isEventStream({ headers }: Reply): boolean {
  const index = headers.findIndex((name, position) => position % 2 === 0 && name === 'content-type');
  return index >= 0 && /^text\/event-stream\s*(;|$)/i.test(headers[index + 1] ?? '');
}

const DETAILS: Readonly<Record<ShedReason, string>> = {
  'in-flight': 'As many requests are in flight as this instance takes.',
  'queue-full': 'As many requests wait as may.',
  displaced: 'A request with a better claim took the place in the queue.',
  'max-wait': 'The request waited for its turn for as long as it may.',
  streams: 'As many streams are open as this instance takes.',
};

function refuse({ reason, retryAfterSeconds }: Refusal): Reply {
  const headers = ['retry-after', String(retryAfterSeconds)];
  return { ...problemReply('overloaded', { detail: DETAILS[reason], headers }), shed: reason };
}
