import { request, type IncomingHttpHeaders } from 'node:http';

/** What is asked beside a URL. */
export type AskOptions = {
  /** Default GET, or POST where there is a body. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Milliseconds for all of it; default 5,000. */
  readonly timeout?: number;
};

/** An answer, whatever its status. */
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

/** Asks a program of this machine over a connection of its own. Rejects when it does not answer in time. */
export function ask(url: string, { method, headers, body, timeout = 5_000 }: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        agent: false,
        signal: AbortSignal.timeout(timeout),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.once('error', (cause) => reject(new Error(`${url} did not answer: ${cause.message}`, { cause })));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The JSON of an answer. Rejects unless the status is one of success. */
export async function askJson<T>(url: string, options?: AskOptions): Promise<T> {
  const { status, text } = await ask(url, options);
  if (status < 200 || status > 299) throw new Error(`${url} answered ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}
