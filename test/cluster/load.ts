import { Agent, request } from 'node:http';

/** What a client got. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** How a request is sent. */
export type SendOptions = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
};

/** Sends one request. Rejects when no whole answer came. */
export function send(url: string, { method = 'GET', headers = {}, body, agent }: SendOptions = {}): Promise<Reply> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const contentType = text === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...contentType, ...headers }, agent: agent ?? false, timeout: 15_000 };
    const outgoing = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, body: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 15 s')));
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** What came of a steady load. */
export type LoadResult = {
  readonly sent: number;
  /** First tries that were not answered correctly. */
  readonly rawFailures: readonly string[];
  /** Requests that were not answered correctly even after one retry. */
  readonly lost: readonly string[];
};

/** What is sent, how often, and what counts as an answer. */
export type LoadOptions = {
  readonly perSecond: number;
  /** The n-th request. */
  readonly next: (n: number) => { readonly url: string; readonly options?: SendOptions };
  readonly isCorrect: (reply: Reply) => boolean;
};

/** Sends requests at a steady rate, however slow the answers are, over kept connections, until it is stopped. */
export function startLoad({ perSecond, next, isCorrect }: LoadOptions): { stop(): Promise<LoadResult> } {
  const agent = new Agent({ keepAlive: true });
  const inFlight: Promise<void>[] = [];
  const rawFailures: string[] = [];
  const lost: string[] = [];
  const failureOf = async (n: number): Promise<string | undefined> => {
    const { url, options } = next(n);
    try {
      const reply = await send(url, { ...options, agent });
      return isCorrect(reply) ? undefined : `${url}: ${reply.status} ${reply.body.slice(0, 200)}`;
    } catch (error) {
      return `${url}: ${(error as Error).message}`;
    }
  };
  const one = async (n: number): Promise<void> => {
    const first = await failureOf(n);
    if (first === undefined) return;
    rawFailures.push(first);
    const second = await failureOf(n);
    if (second !== undefined) lost.push(second);
  };
  const timer = setInterval(() => inFlight.push(one(inFlight.length)), 1000 / perSecond);
  // A test that fails before it stops its load must not keep the whole run from ending.
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(inFlight);
      agent.destroy();
      return { sent: inFlight.length, rawFailures, lost };
    },
  };
}
