import type { Lane } from '../definition/index.ts';
import type { Caller } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import type { UpstreamClient, UpstreamResponse } from '../gateway/upstream/index.ts';
import type { Breaker } from '../resilience/index.ts';
import type { TraceContext } from '../telemetry/trace/index.ts';
import type { Admission, Refused } from './admission.ts';
import type { Asked } from './asked.ts';
import type { LearnedAnswers } from './learned-answers.ts';
import { withMembers } from './members.ts';
import type { ModelMeter } from './model-meter.ts';
import type { Offer, Offers, Step } from './offers.ts';
import type { Usage } from './usage.ts';

/** How one provider is reached. */
export type Provider = {
  readonly client: Pick<UpstreamClient, 'fetch'>;
  /** What comes before the path of an interface, such as `/v1`. */
  readonly path: string;
  /** Headers of every request: its key. */
  readonly headers: Readonly<Record<string, string>>;
  /** Stands in front of one of its models. */
  readonly breakerOf: (model: string) => Breaker | undefined;
};

/** A question to a model. */
export type Question = {
  readonly caller: Caller;
  /** Path of the interface, such as `/chat/completions`. */
  readonly path: string;
  readonly asked: Asked;
  readonly bytes: Buffer;
  readonly signal: AbortSignal;
  /** Milliseconds until the route's time is over. */
  readonly remainingMs: () => number;
  readonly lane: Lane;
  readonly trace: TraceContext;
  /** Sends it in company, where its interface has such; default by itself. */
  readonly sendTogether?: ((offer: Offer, fetch: FetchBody) => Promise<UpstreamResponse>) | undefined;
};

/** Asks a provider with a body. */
export type FetchBody = (body: Buffer, signal: AbortSignal) => Promise<UpstreamResponse>;

/** The beginning of an answer. */
export type Answering = {
  readonly offer: Offer;
  readonly answer: UpstreamResponse;
  /** Whether nobody is left to be asked in its place. */
  readonly isLast: boolean;
  /** What the limits have left; flat. */
  readonly headers: readonly string[];
  /** To be told what was used, in the end and whatever happens; nothing where it is undefined. */
  settle(used: Usage | undefined): void;
};

/** Takes an answer as far as it must have come before the client is told anything. */
export type ReadAnswer<T> = {
  /** An offer is asked now. */
  begin(offer: Offer): void;
  /** Rejects with a Problem where the provider, not the question, is the reason that there is no answer. */
  read(answering: Answering): Promise<T>;
};

/** Asks providers. */
export type Inference = {
  ask<T>(question: Question, answer: ReadAnswer<T>): Promise<T>;
};

/** Settings of inference. */
export type InferenceOptions = {
  readonly offers: Offers;
  readonly admission: Admission;
  readonly learned: LearnedAnswers;
  readonly providers: Readonly<Record<string, Provider>>;
  readonly meter: Pick<ModelMeter, 'admitted' | 'refused'>;
  /** From 0 to 1, for weights; default Math.random. */
  readonly random?: () => number;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
};

/** Time of the route that is kept for the answer of whoever had to wait. */
const FOR_ANSWER_MS = 1_000;
/**
 * Asks whoever answers for a model, one step after the other: the next one where limits, a breaker or the provider
 * itself refuse and nothing of an answer has come; the last one may have the request wait for its limits. Throws the
 * Problems `model-not-found`, `invalid-body`, `context-too-long`, `limit-exceeded`, `budget-exceeded`, and rejects as
 * the last provider's client does.
 */
export function createInference({
  offers,
  admission,
  learned,
  providers,
  meter,
  random = Math.random,
  now = () => performance.now(),
}: InferenceOptions): Inference {
  const choose = (step: Step): Offer | undefined => {
    const ready = step.filter(({ offer }) => (breakerOf(offer)?.retryAfterMs ?? 0) === 0);
    const from = ready.length > 0 ? ready : step;
    let left = random() * from.reduce((sum, { weight }) => sum + weight, 0);
    return (from.find(({ weight }) => (left -= weight) < 0) ?? from[0])?.offer;
  };
  const breakerOf = ({ provider, model }: Offer): Breaker | undefined => providers[provider]?.breakerOf(model);

  const send = async (offer: Offer, question: Question): Promise<UpstreamResponse> => {
    const { asked, bytes, lane, trace, remainingMs, path, sendTogether } = question;
    const provider = providers[offer.provider];
    if (!provider) throw new Error(`The provider '${offer.provider}' is not connected`);
    const breaker = breakerOf(offer);
    const fetch: FetchBody = (body, signal) =>
      provider.client.fetch({
        method: 'POST',
        path: `${provider.path}${path}`,
        headers: { 'content-type': 'application/json', accept: '*/*', ...provider.headers },
        body,
        signal,
        timeoutMs: remainingMs(),
        lane,
        stream: asked.stream,
        // The provider counts and bills each attempt.
        idempotent: false,
        trace,
        ...(breaker && { breaker }),
      });
    return sendTogether ? sendTogether(offer, fetch) : fetch(bodyFor(offer, asked, bytes), question.signal);
  };

  return {
    async ask(question, { begin, read }) {
      const { asked, caller, signal } = question;
      const steps = offers.find(asked.model);
      if (!steps) throw new Problem('model-not-found', { detail: `Nobody answers for the model '${asked.model}'.` });
      let refused: (Refused & { readonly model: string }) | undefined;
      for (const [index, step] of steps.entries()) {
        const isLast = index === steps.length - 1;
        const offer = choose(step);
        if (!offer) continue;
        requireRoom(offer, asked);
        const expected = expectedOf(offer, asked, learned.expected(caller.id, offer.model));
        const mayWaitMs = isLast ? Math.max(0, question.remainingMs() - FOR_ANSWER_MS) : 0;
        const askedAt = now();
        const admitted = await admission.ask({ caller, offer, expected, mayWaitMs, signal });
        if (!admitted.admitted) {
          if (!refused || admitted.waitMs < refused.waitMs) refused = { ...admitted, model: offer.model };
          continue;
        }
        meter.admitted(offer.model, now() - askedAt, expected.input + expected.output);
        const { headers, settle } = admitted;
        try {
          begin(offer);
          const answer = await send(offer, question);
          return await read({ offer, answer, isLast, headers, settle });
        } catch (error) {
          // What was asked and not answered in time has been read, and may be billed.
          settle(isTooLate(error) || signal.aborted ? { input: asked.inputTokens } : {});
          if (isLast || signal.aborted || !(error instanceof Problem)) throw error;
        }
      }
      if (refused) meter.refused(refused.model, refused.by);
      throw refusal(refused);
    },
  };
}

/** The question as the provider is to have it: its own name of the model, and a stream that tells its usage. */
function bodyFor(offer: Offer, asked: Asked, bytes: Buffer): Buffer {
  const changes: Record<string, unknown> = {};
  if (offer.providerModel !== asked.model) changes.model = offer.providerModel;
  if (asked.stream && asked.usageOption !== undefined && !asked.wantsUsage)
    changes.stream_options = { ...asked.usageOption, include_usage: true };
  return Object.keys(changes).length > 0 ? withMembers(bytes, changes) : bytes;
}

/** Throws where a question can never be answered: by its size, or by the size of the answer that it asks for. */
function requireRoom({ model, settings }: Offer, { inputTokens, outputTokens = 0 }: Asked): void {
  const { context, answer = context } = settings;
  if (outputTokens > answer)
    throw new Problem('context-too-long', {
      detail: `${outputTokens} tokens are asked for, and answers of ${model} have ${answer} at most.`,
    });
  // A question is weighed generously: only what is certainly too long is refused here, the rest by the provider.
  if (inputTokens / GENEROUS > context)
    throw new Problem('context-too-long', {
      detail: `The question has about ${inputTokens} tokens, and ${model} takes ${context}.`,
    });
}

/** How many times the tokens of a question may be fewer than they were weighed. */
const GENEROUS = 3;

/** The tokens to reserve: of the answer those that the client allows, else those that it is likely to have. */
function expectedOf(
  { settings, limits: [, { count }] }: Offer,
  { inputTokens, outputTokens }: Asked,
  learned: number,
): { readonly input: number; readonly output: number } {
  const input = Math.min(inputTokens, settings.context);
  if (outputTokens !== undefined) return { input, output: outputTokens };
  const room = Math.min(settings.answer ?? settings.context, settings.context - input, count.value - input);
  return { input, output: Math.max(1, Math.min(learned, room)) };
}

function isTooLate(error: unknown): boolean {
  return error instanceof Problem && error.code === 'deadline-exceeded';
}

const REASONS: Readonly<Record<Refused['by'], string>> = {
  requests: 'As many requests as the provider admits of this model are under way',
  tokens: 'As many tokens as the provider admits of this model are in use',
  'caller-tokens': 'You have used as many tokens as you may',
  budget: 'The budget of this month is spent',
  queue: 'Too many requests wait for this model',
};

function refusal(refused: Refused | undefined): Problem {
  if (!refused) return new Problem('upstream-unavailable', { detail: 'No provider of this model can be asked now.' });
  const { by, limit, waitMs, headers } = refused;
  const milliseconds = Math.ceil(waitMs);
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const again = ['retry-after', String(seconds), 'retry-after-ms', String(milliseconds), ...headers];
  const detail = `${REASONS[by]} ('${limit}').`;
  return by === 'budget'
    ? new Problem('budget-exceeded', { detail, headers })
    : new Problem('limit-exceeded', { detail: `${detail} Try again in ${seconds} s.`, headers: again });
}
