import { request } from 'node:http';
import type { ProxyState } from './control/wire.ts';
import type { ProxyFault } from './fault.ts';
import type { Address } from './listener.ts';

export type ProxyClientOptions = {
  /** Of the control API, such as `http://127.0.0.1:8474`. */
  readonly origin: string;
  readonly key?: string;
  /** Milliseconds for a call; default 3,000. */
  readonly timeout?: number;
};

/** The control API of a fault proxy. Every call rejects with a ProxyCallError where it was not done. */
export type ProxyClient = {
  /** Every proxy, with the fault that holds. */
  list(): Promise<readonly ProxyState[]>;
  /** Sets the fault of a proxy for so many whole seconds, after which the proxy takes it back by itself. */
  set(name: string, fault: ProxyFault, ttl: number): Promise<ProxyState>;
  /** Takes back the fault of a proxy. */
  clear(name: string): Promise<ProxyState>;
  /** Takes back every fault. */
  clearAll(): Promise<readonly ProxyState[]>;
  /** Leads new connections of a proxy elsewhere. */
  lead(name: string, target: Address): Promise<ProxyState>;
};

/** Why a fault proxy did not do what it was asked; `status` is absent where it did not answer. */
export class ProxyCallError extends Error {
  override readonly name = 'ProxyCallError';
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** A client of one fault proxy; each call has a connection of its own. */
export function createProxyClient({ origin, key, timeout = 3_000 }: ProxyClientOptions): ProxyClient {
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const fail = (why: string, status?: number, cause?: unknown): void =>
        reject(
          new ProxyCallError(`The fault proxy at ${origin} did not do ${method} ${path}: ${why}`, status, { cause }),
        );
      const text = body === undefined ? '' : JSON.stringify(body);
      const sent = request(
        new URL(path, origin),
        {
          method,
          agent: false,
          // Over the whole call, not only while nothing moves.
          signal: AbortSignal.timeout(timeout),
          headers: {
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
            ...(text !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
        },
        (response) => {
          let answer = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (answer += chunk));
          response.on('error', (error) => fail(error.message, undefined, error));
          response.on('end', () => {
            const status = response.statusCode ?? 0;
            try {
              const parsed = JSON.parse(answer) as { readonly error?: string };
              if (status === 200) resolve(parsed);
              else fail(parsed.error ?? `status ${status}`, status);
            } catch (error) {
              fail(`its answer with status ${status} is not JSON`, status, error);
            }
          });
        },
      );
      sent.on('error', (error) =>
        fail(
          error.name === 'TimeoutError' || error.name === 'AbortError'
            ? `no answer within ${timeout} ms`
            : error.message,
          undefined,
          error,
        ),
      );
      sent.end(text);
    });
  const at = (what: 'faults' | 'targets', name: string): string => `/${what}/${encodeURIComponent(name)}`;
  return {
    list: () => call('GET', '/faults') as Promise<readonly ProxyState[]>,
    set: (name, fault, ttl) => call('PUT', at('faults', name), { fault, ttl }) as Promise<ProxyState>,
    clear: (name) => call('DELETE', at('faults', name)) as Promise<ProxyState>,
    clearAll: () => call('DELETE', '/faults') as Promise<readonly ProxyState[]>,
    lead: (name, target) => call('PUT', at('targets', name), target) as Promise<ProxyState>,
  };
}
