import { IncomingMessage, ServerResponse, STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { toMilliseconds } from '../../definition/index.ts';
import { Exchange } from '../exchange.ts';
import { REQUEST_ID, replyTo, traced, type ListenerOptions } from '../listener.ts';
import type { HitPipeline } from '../pipeline.ts';
import { createHeadWriter, type ReadyAnswer } from '../ready-answer.ts';
import type { Reply } from '../reply.ts';
import { CLIENT_LEFT } from '../sender.ts';
import type { Stage } from '../stage.ts';
import type { Hit } from '../stages/cache.ts';
import { createTargets } from '../targets.ts';
import { createHeadReader, readFields, type Head } from './head.ts';

/** Settings of the requests that are answered without node:http. */
export type HitRequestOptions = Required<Omit<ListenerOptions, 'answer' | 'onCut' | 'tracer'>> &
  Pick<ListenerOptions, 'tracer'> & {
    readonly hits: HitPipeline;
  };

/** A request that is certain to be answered, with the hit or, where the limits deny it, with that. */
export type HitRequest = {
  readonly exchange: Exchange;
  readonly hit: Hit;
  readonly ready: ReadyAnswer;
};

/** What the limits have said: an answer in place of the hit, perhaps because they failed. */
export type Charged = { readonly instead: Reply | undefined; readonly error?: unknown };

/** A connection as the requests on it see it: request and response stand for one after the other. */
export type Seat = { readonly socket: Socket; request?: IncomingMessage | undefined; response?: ServerResponse };

/** How requests are understood, charged and answered; in this order, each once. */
export type HitRequests = {
  /** The heads that a text consists of; undefined unless every one of them is whole and understood. */
  read(text: string): readonly Head[] | undefined;
  /** The request with a head; undefined, and nothing has had an effect, unless it can be answered here. */
  find(seat: Seat, head: Head): HitRequest | undefined;
  /** Begins the request and charges the limits. */
  charge(request: HitRequest): Charged | Promise<Charged>;
  /** Ends the request; its answer as text with a character for each byte (latin1), empty when the client has left. */
  answer(request: HitRequest, charged: Charged): string;
};

/** Requests for hits, as the pipeline and the sender would handle them. */
export function createHitRequests(options: HitRequestOptions): HitRequests {
  const { service, router, hits, clientAddress, nextId, onStart, onEnd, isDraining, tracer } = options;
  const headOf = createHeadWriter(toMilliseconds(service.gateway.keepAlive));
  const readHead = createHeadReader({ cookies: service.sessions.cookie !== 'none' });
  const routed = createTargets(router, ({ cacheFor }) => cacheFor !== undefined);
  const limit: Stage = tracer ? traced(hits.limit) : hits.limit;
  const find = (seat: Seat, head: Head): HitRequest | undefined => {
    const startedAt = performance.now();
    const { route, params, search, memo } = routed('GET', head.target);
    if (route.cacheFor === undefined) return undefined;
    const request = (seat.request ??= Object.assign(new IncomingMessage(seat.socket), { method: 'GET' }));
    const response = (seat.response ??= new ServerResponse(request));
    request.url = head.target;
    request.headers = headersOf(head);
    const given = head.requestId;
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : nextId();
    const exchange = new Exchange({ request, response, requestId, route, params, search, startedAt, memo });
    exchange.clientAddress = clientAddress(request);
    const hit = hits.find(exchange);
    const ready = hit?.reply.ready;
    if (!hit || !ready) return undefined;
    if (hit.refreshes) {
      // What is fetched in the background outlives this answer, and needs the request for itself.
      const { headers, raw } = readFields(head.fields);
      Object.assign(request, { headers, rawHeaders: raw });
      seat.request = undefined;
    }
    return { exchange, hit, ready };
  };
  return {
    read(text) {
      const heads: Head[] = [];
      for (let from = 0; from < text.length;) {
        const head = readHead(text, from);
        if (!head) return undefined;
        heads.push(head);
        from = head.end;
      }
      return heads;
    },
    find(seat, head) {
      try {
        return find(seat, head);
      } catch {
        // Whatever is wrong with the request, the other listener finds it too, and says it.
        return undefined;
      }
    },
    charge({ exchange }) {
      onStart();
      if (tracer !== undefined) exchange.trace = tracer.begin(exchange.request.headers, exchange.startedAt);
      try {
        const step = limit(exchange);
        return step instanceof Promise ? step.then((instead) => ({ instead }), failed) : { instead: step };
      } catch (error) {
        return failed(error);
      }
    },
    answer({ exchange, hit, ready }, { instead, error }) {
      if (instead === undefined) hit.given();
      const { replyHeaders, requestId, startedAt } = exchange;
      const hasLeft = exchange.request.socket.destroyed;
      let text = '';
      if (!hasLeft) {
        replyHeaders.push('x-request-id', requestId);
        const answer = instead === undefined ? ready : readyDenial(instead);
        text = headOf(replyHeaders, answer, isDraining()) + answer.text;
      }
      exchange.end();
      const status = hasLeft ? CLIENT_LEFT : (instead ?? hit.reply).status;
      onEnd({ exchange, status, durationMs: performance.now() - startedAt, error });
      return text;
    },
  };
}

/** What of a head is looked at; most heads have none of it. */
function headersOf({ forwardedFor, traceparent, tracestate }: Head): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  if (forwardedFor !== undefined) headers['x-forwarded-for'] = forwardedFor;
  if (traceparent !== undefined) headers.traceparent = traceparent;
  if (tracestate !== undefined) headers.tracestate = tracestate;
  return headers;
}

function failed(error: unknown): Charged {
  return { instead: replyTo(error), error };
}

/** Limits deny with problems, whose headers are written here and whose bodies are text. */
function readyDenial({ status, headers, body }: Reply): ReadyAnswer {
  const text = Buffer.from(typeof body === 'string' ? body : '').toString('latin1');
  let lines = '';
  for (let index = 0; index < headers.length; index += 2) lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  lines += `content-length: ${text.length}\r\n`;
  return { status: `${status} ${STATUS_CODES[status]}`, lines, text, dated: false };
}
