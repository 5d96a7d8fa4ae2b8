import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Lane } from '../definition/index.ts';
import type { Caller } from '../gateway/exchange.ts';
import { Problem } from '../gateway/problem.ts';
import type { UpstreamClient, UpstreamResponse } from '../gateway/upstream/index.ts';
import type { Breaker } from '../resilience/index.ts';
import type { TraceContext } from '../telemetry/trace/index.ts';
import type { Admission } from './admission.ts';
import type { Asked } from './asked.ts';
import type { LearnedAnswers } from './learned-answers.ts';
import { withMembers } from './members.ts';
import type { AttemptOutcome, ModelMeter } from './model-meter.ts';
import type { Offer, Offers, Step } from './offers.ts';
import { noneAnswers, refusal, sooner, type ModelRefusal } from './refusal.ts';
import { expectedOf, whyTooLong } from './question-size.ts';
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
  /** Questions of one session go to one provider of a step, as long as it can be asked; default each by the weights. */
  readonly session?: string | undefined;
  /** Sends it in company, where its interface has such; default by itself. */
  readonly sendTogether?:
    ((offer: Offer, fetch: FetchBody, signal: AbortSignal) => Promise<UpstreamResponse>) | undefined;
};

/** Asks a provider with a body. */
export type FetchBody = (body: Buffer, signal: AbortSignal) => Promise<UpstreamResponse>;

/** The beginning of an answer. */
export type Answering = {
  readonly offer: Offer;
  readonly answer: UpstreamResponse;
  /** Milliseconds that are left until the first token of a stream. */
  readonly firstTokenLeftMs: number;
  /** Whether nobody is left to be asked in its place. */
  readonly isLast: boolean;
  /** What the limits have left; flat. */
  readonly headers: readonly string[];
  /** Aborted when nobody waits for it any more: the client has left, or another was faster. */
  readonly signal: AbortSignal;
  /** To be told what was used, in the end and whatever happens; nothing where it is undefined. */
  settle(used: Usage | undefined): void;
};

/** Takes an answer as far as it must have come before the client is told anything. */
export type ReadAnswer<T, C> = {
  /** An offer is asked now; what it gives is for `read`. */
  begin(offer: Offer): C;
  /** Rejects with a Problem where the provider, not the question, is the reason that there is no answer. */
  read(answering: Answering, begun: C): Promise<T>;
};

/** Asks providers. */
export type Inference = {
  ask<T, C>(question: Question, answer: ReadAnswer<T, C>): Promise<T>;
};

/** A provider that was asked and did not answer. */
export type ProviderFailure = {
  readonly provider: string;
  readonly model: string;
  readonly outcome: AttemptOutcome;
  readonly error: Problem;
  /** Whether another is asked in its place. */
  readonly isPassedOver: boolean;
};

/** Settings of inference. */
export type InferenceOptions = {
  readonly offers: Offers;
  readonly admission: Admission;
  readonly learned: LearnedAnswers;
  readonly providers: Readonly<Record<string, Provider>>;
  readonly meter: Pick<ModelMeter, 'admitted' | 'attempted' | 'refused'>;
  /** After which the next step is asked too, in milliseconds; undefined: never. */
  readonly hedgeAfterMs?: number | undefined;
  /** Told of each provider that was asked and did not answer; default nobody. */
  readonly onFailure?: (failure: ProviderFailure) => void;
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
  hedgeAfterMs,
  onFailure = () => undefined,
  random = Math.random,
  now = () => performance.now(),
}: InferenceOptions): Inference {
  const choose = (step: Step, session: string | undefined): Offer | undefined => {
    const ready = step.filter(({ offer }) => (breakerOf(offer)?.retryAfterMs ?? 0) === 0);
    const from = ready.length > 0 ? ready : step;
    if (session !== undefined) {
      // Weighted rendezvous: whoever is left keeps its sessions when another goes.
      const rank = ({ offer, weight }: Step[number]): number =>
        -Math.log(1 - placeOf(session, offer.provider)) / weight;
      return from.toSorted((a, b) => rank(a) - rank(b))[0]?.offer;
    }
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
        headTimeoutMs: asked.stream ? offer.firstTokenMs : undefined,
        lane,
        stream: asked.stream,
        // The provider counts and bills each attempt.
        idempotent: false,
        trace,
        ...(breaker && { breaker }),
      });
    return sendTogether
      ? sendTogether(offer, fetch, question.signal)
      : fetch(bodyFor(offer, asked, bytes), question.signal);
  };

  const tryStep = async <T, C>(
    step: Step,
    { isLast, isAlone }: { readonly isLast: boolean; readonly isAlone: boolean },
    question: Question,
    { begin, read }: ReadAnswer<T, C>,
  ): Promise<Outcome<T>> => {
    const { asked, caller, signal, session } = question;
    const offer = choose(step, session);
    if (!offer) return { failed: noneAnswers() };
    const tooLong = whyTooLong(offer, asked);
    if (tooLong) return { failed: tooLong };
    const expected = expectedOf(offer, asked, learned.expected(caller.id, offer.model));
    const mayWaitMs = isLast ? Math.max(0, question.remainingMs() - FOR_ANSWER_MS) : 0;
    const askedAt = now();
    const admitted = await admission.ask({ caller, offer, expected, mayWaitMs, signal });
    if (!admitted.admitted) return { refused: { ...admitted, model: offer.model } };
    meter.admitted(offer.model, now() - askedAt, expected.input + expected.output);
    const { headers, settle } = admitted;
    try {
      const begun = begin(offer);
      const sentAt = now();
      const answer = await send(offer, question);
      const firstTokenLeftMs = Math.max(0, offer.firstTokenMs - (now() - sentAt));
      const answering = { offer, answer, firstTokenLeftMs, isLast: isLast && isAlone, headers, signal, settle };
      const taken = await read(answering, begun);
      meter.attempted(offer.provider, 'ok');
      return { taken };
    } catch (error) {
      // What was asked and not answered in time has been read, and may be billed.
      settle(isTooLate(error) || signal.aborted ? { input: asked.inputTokens } : {});
      const outcome = outcomeOf(error, signal);
      meter.attempted(offer.provider, outcome);
      if (signal.aborted || !(error instanceof Problem)) throw error;
      const { provider, model } = offer;
      onFailure({ provider, model, outcome, error, isPassedOver: !isLast });
      return { failed: error };
    }
  };

  /** Asks one step, and after a while the others too; whoever answers first counts, and the other is told to stop. */
  const hedged = async <T, C>(
    steps: readonly Step[],
    question: Question,
    answer: ReadAnswer<T, C>,
    { afterMs, before }: { readonly afterMs: number; readonly before: ModelRefusal | undefined },
  ) => {
    const [step = [], ...others] = steps;
    const [one, other] = [new AbortController(), new AbortController()];
    const under = (own: AbortController): Question => ({
      ...question,
      signal: AbortSignal.any([question.signal, own.signal]),
    });
    const first = tryStep(step, { isLast: false, isAlone: false }, under(one), answer);
    const early = await Promise.race([first, wait(afterMs, undefined, { signal: question.signal, ref: false })]);
    if (early) return early;
    const taken = first.then((outcome) => {
      if ('taken' in outcome) return { outcome, loser: other };
      throw new Error('this step did not answer');
    });
    const rest = askSteps(others, under(other), answer, { before, isAlone: false }).then((value) => ({
      outcome: { taken: value },
      loser: one,
    }));
    try {
      const { outcome, loser } = await Promise.any([taken, rest]);
      loser.abort(new DOMException('Another provider was faster', 'AbortError'));
      return outcome;
    } catch {
      // Neither answers: the word of the last one counts.
      return { taken: (await rest).outcome.taken };
    }
  };

  const askSteps = async <T, C>(
    steps: readonly Step[],
    question: Question,
    answer: ReadAnswer<T, C>,
    { before, isAlone = true }: { readonly before?: ModelRefusal | undefined; readonly isAlone?: boolean } = {},
  ): Promise<T> => {
    const [step, ...others] = steps;
    if (!step) throw refusal(before);
    const isLast = others.length === 0;
    const outcome =
      hedgeAfterMs === undefined || isLast
        ? await tryStep(step, { isLast, isAlone }, question, answer)
        : await hedged(steps, question, answer, { afterMs: hedgeAfterMs, before });
    if ('taken' in outcome) return outcome.taken;
    if (isLast && 'failed' in outcome) throw outcome.failed;
    const refused = 'refused' in outcome ? sooner(before, outcome.refused) : before;
    if (isLast && refused) meter.refused(refused.model, refused.by);
    return askSteps(others, question, answer, { before: refused, isAlone });
  };

  return {
    ask(question, answer) {
      const { model } = question.asked;
      const steps = offers.find(model);
      if (!steps)
        return Promise.reject(new Problem('model-not-found', { detail: `Nobody answers for the model '${model}'.` }));
      return askSteps(steps, question, answer);
    },
  };
}

/** What became of one step: an answer, a limit without room, or a failure after which another may answer. */
type Outcome<T> = { readonly taken: T } | { readonly refused: ModelRefusal } | { readonly failed: Problem };

/** Always the same place from 0 to 1 for a session at a provider. */
function placeOf(session: string, provider: string): number {
  return createHash('sha256').update(`${provider} ${session}`).digest().readUInt32BE() / 2 ** 32;
}

/** The question as the provider is to have it: its own name of the model, and a stream that tells its usage. */
function bodyFor(offer: Offer, asked: Asked, bytes: Buffer): Buffer {
  const changes: Record<string, unknown> = {};
  if (offer.providerModel !== asked.model) changes.model = offer.providerModel;
  if (asked.stream && asked.usageOption !== undefined && !asked.wantsUsage)
    changes.stream_options = { ...asked.usageOption, include_usage: true };
  return Object.keys(changes).length > 0 ? withMembers(bytes, changes, asked.members) : bytes;
}

function outcomeOf(error: unknown, signal: AbortSignal): AttemptOutcome {
  if (signal.aborted) return 'aborted';
  if (isTooLate(error)) return 'timeout';
  return error instanceof Problem && REFUSED.has(error.code) ? 'refused' : 'error';
}

/** A breaker or a lane let nothing out to the provider. */
const REFUSED: ReadonlySet<string> = new Set(['upstream-unavailable', 'overloaded']);

function isTooLate(error: unknown): boolean {
  return error instanceof Problem && error.code === 'deadline-exceeded';
}
