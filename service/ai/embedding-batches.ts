import { Relay } from '../gateway/relay.ts';
import { UpstreamResponse } from '../gateway/upstream/request.ts';

/** A list of inputs that one request asks to have embedded. */
export type EmbeddingAsk = {
  /** Requests with the same text may be asked together: the offer and every field but the inputs. */
  readonly kind: string;
  /** The fields beside the inputs. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly inputs: readonly unknown[];
  readonly signal: AbortSignal;
};

/** Asks the provider; the body is that of the interface. */
export type EmbeddingFetch = (body: Buffer, signal: AbortSignal) => Promise<UpstreamResponse>;

/** Settings of the batches. */
export type EmbeddingBatchOptions = {
  /** How long the first request of a batch waits for others, in milliseconds; 0: for those of the same moment alone. */
  readonly windowMs: number;
  /** Inputs of a batch at which it goes at once. */
  readonly size: number;
  /** Largest answer that is read. */
  readonly maxBytes: number;
};

type Waiting = EmbeddingAsk & {
  readonly fetch: EmbeddingFetch;
  readonly resolve: (answer: UpstreamResponse) => void;
  readonly reject: (reason: unknown) => void;
};
type Batch = { readonly waiting: Waiting[]; inputs: number; readonly timer: NodeJS.Timeout };

/** Statuses by which a provider says that a question, which may be that of one request alone, is the reason. */
const OF_THE_QUESTION: ReadonlySet<number> = new Set([400, 404, 413, 422]);

/** An answer of the interface, as far as it is shared out. */
type Embedded = { readonly data: readonly object[]; readonly usage?: { readonly prompt_tokens?: unknown } };

/**
 * Asks for the inputs of several requests in one, and gives each its own part: providers count and answer a request with
 * many inputs as one. Where the provider refuses what a batch asks, each request is asked by itself, so that nobody
 * suffers from what another has sent; where it is in trouble, all are told so, and it is not asked again. One that leaves
 * is left out, or its part of the answer thrown away.
 */
export function createEmbeddingBatches({ windowMs, size, maxBytes }: EmbeddingBatchOptions) {
  const open = new Map<string, Batch>();

  const go = (kind: string): void => {
    const batch = open.get(kind);
    if (!batch) return;
    open.delete(kind);
    clearTimeout(batch.timer);
    const staying = batch.waiting.filter(({ signal }) => !signal.aborted);
    if (staying.length === 1) staying.forEach(alone);
    else if (staying.length > 1) void together(staying);
  };

  const alone = ({ fields, inputs, fetch, signal, resolve, reject }: Waiting): void => {
    fetch(bodyOf(fields, inputs), signal).then(resolve, reject);
  };

  const together = async (waiting: readonly Waiting[]): Promise<void> => {
    const [first] = waiting;
    if (!first) return;
    try {
      const left = new AbortController();
      const leave = (): void => {
        if (waiting.every(({ signal }) => signal.aborted)) left.abort(first.signal.reason);
      };
      for (const { signal } of waiting) signal.addEventListener('abort', leave, { once: true });
      const inputs = waiting.flatMap((each) => each.inputs);
      // Who came last has the most time left.
      const answer = await (waiting.at(-1) ?? first).fetch(bodyOf(first.fields, inputs), left.signal);
      const body = answer.body.whole ?? (await answer.body.collect(maxBytes));
      const embedded = answer.status === 200 && body ? parse(body, inputs.length) : undefined;
      if (!embedded) {
        const isTrouble = answer.status !== 200 && !OF_THE_QUESTION.has(answer.status);
        if (isTrouble && body) for (const { resolve } of waiting) resolve(answerOf(answer.status, answer.fields, body));
        else waiting.forEach(alone);
        return;
      }
      // Who asks for more text pays more of it.
      const sizes = waiting.map((each) => JSON.stringify(each.inputs).length);
      const all = sizes.reduce((sum, each) => sum + each, 0);
      let [from, paid] = [0, 0];
      for (const [place, { inputs: own, resolve }] of waiting.entries()) {
        const pays = paid + (sizes[place] ?? 0) / all;
        resolve(partOf(answer, embedded, { from, count: own.length, share: [paid, pays] }));
        from += own.length;
        paid = pays;
      }
    } catch (error) {
      // Whatever failed failed for all: to ask for each anew would multiply what a provider in trouble is asked.
      for (const { reject } of waiting) reject(error);
    }
  };

  return {
    /** Resolves with the answer to its own inputs; rejects as `fetch` does, or with the signal's reason. */
    ask(asked: EmbeddingAsk, fetch: EmbeddingFetch): Promise<UpstreamResponse> {
      return new Promise((resolve, reject) => {
        const { kind, inputs, signal } = asked;
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        let batch = open.get(kind);
        if (batch && batch.inputs + inputs.length > size) {
          go(kind);
          batch = undefined;
        }
        if (!batch) {
          batch = { waiting: [], inputs: 0, timer: setTimeout(() => go(kind), windowMs) };
          open.set(kind, batch);
        }
        batch.waiting.push({ ...asked, fetch, resolve, reject });
        batch.inputs += inputs.length;
        if (batch.inputs >= size) go(kind);
      });
    },
  };
}

function bodyOf(fields: Readonly<Record<string, unknown>>, inputs: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ ...fields, input: inputs }));
}

/** What was answered for all inputs, in their order; undefined where it is not what was asked for. */
function parse(body: Buffer, inputs: number): Embedded | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as Partial<Embedded> | null;
    return Array.isArray(value?.data) && value.data.length === inputs ? (value as Embedded) : undefined;
  } catch {
    return undefined;
  }
}

/** The part of one request, numbered from 0; of the usage its share by the length of its inputs. */
function partOf(
  { status, fields }: UpstreamResponse,
  embedded: Embedded,
  {
    from,
    count,
    share,
  }: { readonly from: number; readonly count: number; readonly share: readonly [from: number, to: number] },
): UpstreamResponse {
  const data = embedded.data.slice(from, from + count).map((each, index) => ({ ...each, index }));
  const told = embedded.usage?.prompt_tokens;
  const tokens = typeof told === 'number' ? Math.round(told * share[1]) - Math.round(told * share[0]) : undefined;
  const usage = tokens === undefined ? undefined : { prompt_tokens: tokens, total_tokens: tokens };
  return answerOf(status, fields, Buffer.from(JSON.stringify({ ...embedded, data, usage })));
}

function answerOf(status: number, fields: UpstreamResponse['fields'], body: Buffer): UpstreamResponse {
  const relay = new Relay({ pause: () => undefined, resume: () => undefined, abort: () => undefined }, body.length);
  relay.push(body);
  relay.end();
  const { 'content-length': _, ...headers } = fields;
  return new UpstreamResponse(status, headers, relay);
}
