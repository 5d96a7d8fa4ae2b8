import type { Handler, ModelUse } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import type { Relay } from '../gateway/relay.ts';
import type { Reply } from '../gateway/reply.ts';
import { askedModel, noteAnswered, watchAnswered } from './answered-model.ts';
import { readAsked, type Asked } from './asked.ts';
import { passEvents, withoutUsage } from './events.ts';
import { firstBytes } from './first-bytes.ts';
import type { Answering, Inference, Question } from './inference.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { LearnedAnswers } from './learned-answers.ts';
import type { ModelCall, ModelMeter } from './model-meter.ts';
import { createSettlement, type Settlement } from './settlement.ts';
import { relayStream } from './stream-relay.ts';
import { watchStream } from './stream-watch.ts';
import type { TokenCounter } from './token-counter.ts';
import { findUsage } from './usage.ts';

/** One interface of models. */
export type ModelInterface = {
  /** Its path at a provider. */
  readonly path: '/chat/completions' | '/embeddings' | '/responses';
  /** Whether it tells the usage of a stream only when it is asked to. */
  readonly hasUsageOption: boolean;
  /** Answers that are kept; default none. */
  readonly kept?: KeptAnswers | undefined;
  /** Sends a question together with others; default each goes by itself. */
  readonly together?: ((question: Pick<ModelQuestion, 'body'>) => Question['sendTogether']) | undefined;
};

/** A question as a route has it. */
export type ModelQuestion = Pick<
  Question,
  'caller' | 'bytes' | 'signal' | 'remainingMs' | 'lane' | 'session' | 'trace'
> & {
  /** What `bytes` hold, after validation. */
  readonly body: unknown;
  /** When the client's request began, by the monotonic clock in milliseconds. */
  readonly startedAt: number;
  /** In how many seconds each a stream is to say that it is alive, as the client wrote it. */
  readonly heartbeat?: string | undefined;
  /** Told which model is asked for, and notes later which has answered. */
  readonly onModel: (use: ModelUse | undefined) => void;
};

/** What answers of models are made with. */
export type ModelHandlerOptions = {
  readonly inference: Inference;
  /** Whether anybody answers for a model. */
  readonly isOffered: (model: string) => boolean;
  readonly meter: ModelMeter;
  readonly learned: LearnedAnswers;
  readonly counter: TokenCounter;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** Largest answer that is held in memory: 2,048 embeddings of 1,536 numbers. */
const MAX_WHOLE = 64 * 2 ** 20;
/** Statuses by which a provider says that it, not the question, is the reason. */
const ITS_FAULT: ReadonlySet<number> = new Set([401, 403, 408, 429]);
/** Headers of a provider's answer that its client reads. */
const PASSED_ON = ['content-type', 'retry-after', 'retry-after-ms'] as const;
/** How often a client may have a stream say that it is alive. */
const HEARTBEAT = /^([1-9]|[1-5]\d|60)$/;

/**
 * Answers the questions of one interface: reads the question, asks whoever answers for its model, passes on what comes as
 * it comes, and tells once what it took.
 */
export function createModelAnswers(
  { path, hasUsageOption, kept, together }: ModelInterface,
  { inference, isOffered, meter, learned, counter, now = () => performance.now() }: ModelHandlerOptions,
): (question: ModelQuestion) => Promise<Reply> {
  return async function answerByModel(question) {
    const { body, bytes, caller, signal, startedAt, onModel, ...more } = question;
    const asked = readAsked(body, bytes, { hasUsageOption });
    const use = askedModel(asked.model);
    onModel(use);
    const { model, stream, wantsUsage } = asked;
    const place = isOffered(model) ? kept?.placeOf({ caller, model, body, stream, wantsUsage }) : undefined;
    const known = await place?.find();
    if (known) {
      if (use && known.body instanceof Buffer) noteAnswered(use, known.body);
      return known;
    }
    return inference.ask(
      { ...more, caller, path, asked, bytes, signal, sendTogether: together?.(question) },
      {
        begin: (offer) => meter.begin(offer, startedAt),
        async read(answering, call) {
          const { answer, offer, settle } = answering;
          const { inputTokens } = asked;
          const settlement = createSettlement({
            isText: path !== '/embeddings',
            caller: caller.id,
            model: offer.model,
            inputTokens,
            counter,
            learned,
            settle,
          });
          call.onHead(answer.headers);
          refuseItsFault(answering, settlement);
          if (isStream(answer.headers) && !asked.stream) {
            answer.body.discard();
            settlement.nothing();
            throw failed('The provider answered with a stream that nobody asked for.');
          }
          if (isStream(answer.headers) && answer.status === 200) {
            place?.keepStream(answer.body);
            const reply = await streamReply(answering, question, asked, settlement, call);
            if (use && typeof reply.body === 'object' && reply.body) (reply.body as Relay).tap(watchAnswered(use));
            return reply;
          }
          const reply = await wholeReply(answering, settlement, call);
          if (use) noteAnswered(use, reply.body);
          if (reply.status === 200) place?.keep(reply.body);
          return reply;
        },
      },
    );
  };

  async function streamReply(
    { answer, offer, firstTokenLeftMs, headers, signal }: Answering,
    { heartbeat }: ModelQuestion,
    asked: Asked,
    settlement: Settlement,
    call: ModelCall,
  ): Promise<Reply> {
    const tap = watchStream({
      now,
      onFirst: () => call.onFirstToken(),
      onEnd(end) {
        call.onStreamEnd(end);
        settlement.stream(end);
      },
    });
    answer.body.tap(tap);
    const first = await firstBytes(answer.body, firstTokenLeftMs, signal);
    const error = errorOf(/^data: ?(\{.*\})/m.exec(first.toString('utf8'))?.[1]);
    if (error !== undefined) {
      settlement.nothing();
      answer.body.cancel();
      throw failed(`The provider answered with an error: ${error}`);
    }
    call.onStream();
    const body = relayStream(answer.body, {
      filter: hasUsageOption && !asked.wantsUsage ? withoutUsage() : passEvents(),
      idleMs: offer.betweenTokensMs,
      heartbeatMs: heartbeat !== undefined && HEARTBEAT.test(heartbeat) ? Number(heartbeat) * 1000 : undefined,
    });
    return {
      status: 200,
      headers: ['content-type', 'text/event-stream', 'cache-control', 'no-store', ...headers],
      body,
    };
  }
}

/** The handler of a route whose requests are questions to models. */
export function modelHandler(answer: (question: ModelQuestion) => Promise<Reply>): Handler {
  return (exchange) => {
    const { caller, body, rawBody, signal, route, startedAt, traceContext, request } = exchange;
    const { 'x-heartbeat-seconds': heartbeat, 'x-session-id': session } = request.headers;
    return answer({
      caller,
      body,
      bytes: rawBody ?? Buffer.alloc(0),
      signal,
      remainingMs: () => exchange.remainingMs,
      lane: route.lane,
      trace: traceContext,
      startedAt,
      session: sessionOf(session, body),
      heartbeat: typeof heartbeat === 'string' ? heartbeat : undefined,
      onModel: (use) => (exchange.model = use),
    });
  };
}

/**
 * The session of a question: by its header, else by the field with which clients of OpenAI's interface say which
 * questions begin alike, for the provider's own cache.
 */
export function sessionOf(header: string | readonly string[] | undefined, body: unknown): string | undefined {
  if (typeof header === 'string' && header !== '') return header;
  const { prompt_cache_key: key } = body as { readonly prompt_cache_key?: unknown };
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** Throws the Problem `upstream-failed` where another provider may answer, or where its own word would mislead. */
function refuseItsFault({ answer, isLast }: Answering, settlement: Settlement): void {
  const { status, body } = answer;
  const isRefused = status === 401 || status === 403;
  if (status < 500 && !(ITS_FAULT.has(status) && !isLast) && !isRefused) return;
  body.discard();
  settlement.nothing();
  // The client's own key is another: told as it came, this would send it looking in the wrong place.
  throw failed(isRefused ? "The provider refuses the gateway's key." : `The provider answered ${status}.`);
}

/** The whole answer as it came; throws the Problem `upstream-failed` for one that is none. */
async function wholeReply(
  { answer, headers, signal }: Answering,
  settlement: Settlement,
  call: ModelCall,
): Promise<Reply & { readonly body: Buffer }> {
  const body = await readWhole(answer.body, signal);
  const text = body.toString('utf8');
  const isJson = isParsed(text);
  if (answer.status === 200) {
    const error = errorOf(text);
    if (!isJson || error !== undefined) {
      settlement.nothing();
      throw failed(
        error === undefined
          ? 'The provider answered with something else than JSON.'
          : `The provider answered with an error: ${error}`,
      );
    }
    const usage = findUsage(body);
    call.onWhole(usage);
    settlement.whole(usage, body);
  } else {
    settlement.nothing();
    if (!isJson)
      throw new Problem('upstream-failed', { detail: `The provider refused the question with ${answer.status}.` });
  }
  const passed = PASSED_ON.flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [name, value];
  });
  return { status: answer.status, headers: [...passed, 'cache-control', 'no-store', ...headers], body };
}

async function readWhole(body: Relay, signal: AbortSignal): Promise<Buffer> {
  let whole: Buffer | undefined;
  try {
    whole = body.whole ?? (await body.collect(MAX_WHOLE));
  } catch (cause) {
    signal.throwIfAborted();
    throw new Problem('upstream-failed', { detail: 'The provider broke off.', cause });
  }
  if (whole) return whole;
  throw failed(`The provider's answer is larger than ${MAX_WHOLE} bytes.`);
}

function isStream(headers: Readonly<Record<string, string>>): boolean {
  return (headers['content-type'] ?? '').startsWith('text/event-stream');
}

/** What an answer says that is an error in spite of its status; undefined for any other. */
function errorOf(text: string | undefined): string | undefined {
  // Most answers have no such word at their beginning, and need not be parsed for it.
  if (text === undefined || !/^\s*\{\s*"(error|message|code|type)"/.test(text)) return undefined;
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } | string | null };
    if (error === undefined || error === null) return undefined;
    const message = typeof error === 'string' ? error : error.message;
    return typeof message === 'string' ? message.slice(0, 200) : 'it does not say which';
  } catch {
    return undefined;
  }
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function failed(detail: string): Problem {
  return new Problem('upstream-failed', { detail });
}
