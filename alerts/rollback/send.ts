import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** A request to another program. */
export type Sending = {
  readonly url: string;
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST';
  /** Default none beside those that HTTP needs. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default none. */
  readonly body?: string;
  /** Milliseconds for all of it, to the last byte of the answer. */
  readonly timeout: number;
  /** Bytes that the answer's body may have. Default 1 MiB. */
  readonly maxBytes?: number;
};

/** What came back. */
export type Sent = { readonly status: number; readonly body: string };

// Of their own, because the common one may have been told of a proxy: what is asked here is near.
const AGENTS = { 'http:': new HttpAgent(), 'https:': new HttpsAgent() };

/**
 * Sends a request on a connection of its own and reads the whole answer. Fails when it does not come in time, is too
 * large, or breaks off; any status is an answer. An error names neither the path nor the query nor a header, because some
 * URLs are secret.
 */
export async function send({
  url,
  method = 'GET',
  headers = {},
  body,
  timeout,
  maxBytes = 1 << 20,
}: Sending): Promise<Sent> {
  const { protocol, host } = new URL(url);
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method, headers, signal };
      const request =
        protocol === 'https:'
          ? requestHttps(url, { ...options, agent: AGENTS['https:'] }, resolve)
          : requestHttp(url, { ...options, agent: AGENTS['http:'] }, resolve);
      request.on('error', reject);
      request.end(body);
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new Error(`its answer has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
  } catch (error) {
    const why = signal.aborted ? `no answer within ${timeout} ms` : (error as Error).message;
    throw new Error(`${host} cannot be asked: ${why}`, { cause: error });
  }
}
