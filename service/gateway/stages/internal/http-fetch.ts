import {
  freshened,
  hasValidator,
  isAbout,
  isDescribedBy,
  keepMs,
  maySubstitute,
  storedHead,
  UNCONDITIONAL,
  validationFields,
  varyNames,
  varyText,
  type AnswerTimes,
  type ForwardReason,
  type Heuristic,
  type RequestFields,
  type ResponseStore,
  type StoredResponse,
} from '../../../cache/http/index.ts';
import type { Exchange } from '../../exchange.ts';
import { Problem } from '../../problem.ts';
import { PROBLEMS } from '../../problem-table.ts';
import type { Reply } from '../../reply.ts';
import type { Step } from '../../stage.ts';
import { copyBody, discard, isLarger, type NoCopy } from './body-copy.ts';
import { answerFromOrigin, answerFromStore } from './http-answer.ts';
import type { CacheableRequest } from './http-request.ts';

/**
 * Asks the origin. `extra` is flat, with names in lower case: it takes the place of the client's headers of these names,
 * and takes them away where its value is empty.
 */
export type ProxyOrigin = (exchange: Exchange, extra: readonly string[]) => Step;

/** Settings of fetches; times in milliseconds. */
export type FetchOptions = {
  readonly origin: ProxyOrigin;
  readonly store: ResponseStore;
  /** As it stands in Cache-Status. */
  readonly name: string;
  readonly maxEntryBytes: number;
  /** The longest an answer is given after its end. */
  readonly staleMs: number;
  /** How long after its end an answer is kept that can be validated. */
  readonly retainMs: number;
  readonly heuristic: Heuristic | undefined;
  readonly now: () => number;
  readonly onEvent: (event: 'stored' | 'refreshed') => void;
};

/** What one who waited for another's fetch may make of it. */
export type Landing =
  /** It is kept, or will be once it is whole, for requests that fit. */
  | { readonly kind: 'kept'; readonly fits: (request: RequestFields) => boolean; readonly whole: Promise<Keeping> }
  /** The origin failed, and what is kept was given instead. */
  | { readonly kind: 'substitute' }
  /** It is for the one who asked. */
  | { readonly kind: 'own' };

/** Whether a whole answer is kept, or why there is none. */
export type Keeping = 'kept' | NoCopy;

/** What the origin is asked for. */
export type Errand = {
  readonly exchange: Exchange;
  readonly request: CacheableRequest;
  /** What is kept for this request, and needs the origin's word. */
  readonly kept: StoredResponse | undefined;
  readonly reason: ForwardReason;
  /** The client's own conditions are not passed on: the answer is for the store. */
  readonly unconditional?: boolean;
};

/** What came of it. */
export type Fetched = { readonly reply: Reply; readonly landing: Landing };

const OWN: Landing = { kind: 'own' };
const NO_FIELDS: readonly string[] = [];
/** What counts as the origin's failure (RFC 5861, section 4). */
const FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504]);
/** Answers that say that what is kept is no longer so. */
const REPLACING: ReadonlySet<number> = new Set([200, 203, 204, 404, 410]);

/** Fetches from the origin, validates what is kept, and keeps what may be kept. */
export function createFetch(options: FetchOptions): (errand: Errand) => Promise<Fetched> {
  const { origin, store, name, maxEntryBytes, staleMs, retainMs, heuristic, now, onEvent } = options;

  const substituteFor = ({ exchange, request, kept, reason }: Errand, status?: number): Fetched | undefined => {
    if (!kept || !maySubstitute(kept, request.wishes, now(), staleMs)) return undefined;
    const forwarding = { reason, ...(status === undefined ? {} : { status }) };
    const reply = answerFromStore(exchange, request, kept, 'STALE', { name, now: now(), forwarding });
    return { reply, landing: { kind: 'substitute' } };
  };

  const keep = ({ request }: Errand, response: StoredResponse): void => {
    store.store(request.key, request.headers, response, keepMs(response, retainMs));
  };

  const update = (errand: Errand, kept: StoredResponse, headers: readonly string[], times: AnswerTimes) => {
    const { request } = errand;
    const updated = freshened(kept, { headers, request: request.headers, times }, heuristic);
    if (!request.noStore) {
      if (updated.storable) keep(errand, updated.response);
      else void store.invalidate(request.key);
      onEvent('refreshed');
    }
    return updated;
  };

  const validated = (errand: Errand, kept: StoredResponse, reply: Reply, times: AnswerTimes): Fetched => {
    const { exchange, request, reason } = errand;
    discard(reply.body);
    const { response, storable } = update(errand, kept, reply.headers, times);
    const stored = storable && !request.noStore;
    const forwarding = { reason, status: 304, stored };
    return {
      reply: answerFromStore(exchange, request, response, 'MISS', { name, now: now(), forwarding }),
      landing: stored ? landingOf(request, response, Promise.resolve('kept')) : OWN,
    };
  };

  const received = (errand: Errand, reply: Reply, times: AnswerTimes): Fetched => {
    const { exchange, request, kept, reason } = errand;
    const { method, headers: asked, noStore } = request;
    const { status, headers } = reply;
    const head = storedHead({ method, request: asked, refused: noStore, status, headers, times }, heuristic);
    const stored = head !== undefined && !isLarger(reply.body, maxEntryBytes) && isWorthKeeping(head, retainMs);
    const forwarding = { reason, stored };
    if (!stored) {
      if (kept && method === 'GET' && !noStore && REPLACING.has(status)) void store.invalidate(request.key);
      return { reply: answerFromOrigin(exchange, reply, 'MISS', { name, forwarding }), landing: OWN };
    }
    const { body, whole } = copyBody(reply.body, maxEntryBytes);
    const keeping = whole.then((bytes): Keeping => {
      if (!Buffer.isBuffer(bytes)) return bytes;
      keep(errand, { ...head, body: bytes });
      onEvent('stored');
      return 'kept';
    });
    return {
      reply: answerFromOrigin(exchange, { ...reply, body }, 'MISS', { name, forwarding }),
      landing: landingOf(request, head, keeping),
    };
  };

  const described = (errand: Errand, kept: StoredResponse, reply: Reply, times: AnswerTimes): void => {
    if (errand.request.noStore) return;
    if (isDescribedBy(kept, reply.headers)) update(errand, kept, reply.headers, times);
    else void store.invalidate(errand.request.key);
  };

  const arrived = (
    errand: Errand,
    reply: Reply,
    validates: boolean,
    times: AnswerTimes,
  ): Fetched | Promise<Fetched> => {
    const { request, kept } = errand;
    const { status } = reply;
    if (status === 304 && kept && request.method === 'GET') {
      const matches = isAbout(kept.headers, reply.headers);
      if (validates && matches) return validated(errand, kept, reply, times);
      if (validates) {
        // It speaks of something else than what was asked about: nothing that is kept can answer the client.
        discard(reply.body);
        return fetch({ ...errand, kept: undefined, unconditional: true });
      }
      if (matches) update(errand, kept, reply.headers, times);
    }
    const substitute = FAILURES.has(status) ? substituteFor(errand, status) : undefined;
    if (substitute) {
      discard(reply.body);
      return substitute;
    }
    if (status === 200 && kept && request.method === 'HEAD') described(errand, kept, reply, times);
    return received(errand, reply, times);
  };

  const failed = (errand: Errand, error: unknown): Fetched => {
    const substitute = isFailure(error) ? substituteFor(errand) : undefined;
    if (substitute) return substitute;
    throw error;
  };

  const fetch = (errand: Errand): Promise<Fetched> => {
    const { exchange, request, kept, unconditional = false } = errand;
    const validates = kept !== undefined && request.method === 'GET' && hasValidator(kept);
    const extra = validates ? validationFields(kept) : unconditional ? UNCONDITIONAL : NO_FIELDS;
    const requestedAt = now();
    return ask(origin, exchange, extra).then(
      (reply) => arrived(errand, reply, validates, { requestedAt, receivedAt: now() }),
      (error: unknown) => failed(errand, error),
    );
  };
  return fetch;
}

/** Asks the origin; rejects with the Problem `internal-error` when nobody answers. */
export function ask(origin: ProxyOrigin, exchange: Exchange, extra: readonly string[]): Promise<Reply> {
  return new Promise<Reply | undefined>((resolve) => resolve(origin(exchange, extra))).then(answered);
}

function answered(reply: Reply | undefined): Reply {
  if (reply === undefined) throw new Problem('internal-error', { detail: 'The origin gave no answer.' });
  return reply;
}

function isWorthKeeping(head: Omit<StoredResponse, 'body'>, retainMs: number): boolean {
  return keepMs({ ...head, body: NO_BYTES }, retainMs) > 0;
}

const NO_BYTES = Buffer.alloc(0);

/** What is over on arrival, or wants validation each time, is for nobody else. */
function landingOf(request: CacheableRequest, head: Omit<StoredResponse, 'body'>, whole: Promise<Keeping>): Landing {
  const names = varyNames(head.headers);
  if (names === undefined || head.expiresAt <= head.storedAt) return OWN;
  const text = varyText(names, request.headers);
  return { kind: 'kept', fits: (other) => varyText(names, other) === text, whole };
}

/** Whether the origin failed, or could not be asked; a client that left is no failure. */
function isFailure(error: unknown): boolean {
  if (error instanceof Problem) return FAILURES.has(PROBLEMS[error.code].status);
  return error instanceof DOMException && error.name === 'TimeoutError';
}
