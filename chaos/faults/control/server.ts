import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import type { Address } from '../listener.ts';
import type { Proxy } from '../proxy.ts';
import { createLease, type Lease } from './lease.ts';
import { putFaultSchema, sentenceOf, targetSchema, type ProxyState } from './wire.ts';

/** A proxy by its name. */
export type NamedProxy = {
  readonly name: string;
  readonly protocol: 'tcp' | 'http';
  readonly listen: Address;
  readonly proxy: Proxy;
};

type Row = NamedProxy & { readonly lease: Lease };

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

const MOST_BODY = 16 * 1024;
// Milliseconds.
const SLOWEST_REQUEST = 5_000;

/**
 * The control API over proxies: `GET /faults`, `PUT` and `DELETE /faults/NAME`, `DELETE /faults`, `PUT /targets/NAME`
 * and `GET /livez`. With a key every call but the last must show it as `Authorization: Bearer`. What is refused changes
 * nothing, and the answer's `error` says why in a sentence.
 */
export function createControl(proxies: readonly NamedProxy[], key: string | undefined): Server {
  const rows = new Map(proxies.map((each): [string, Row] => [each.name, { ...each, lease: createLease(each.proxy) }]));
  const isAllowed = createAccess(key);
  const requireRow = (name: string): Row => {
    const row = rows.get(name);
    if (!row) throw new Refusal(404, `There is no proxy '${name}', only ${[...rows.keys()].join(', ')}.`);
    return row;
  };

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const { method = '', url = '' } = request;
    if (method === 'GET' && url === '/livez') return { status: 'ok' };
    if (!isAllowed(request)) throw new Refusal(401, 'Send Authorization: Bearer with the key in FAULT_PROXY_KEY.');
    const { what, name } = parsePath(url);
    switch (`${method} ${what}${name === undefined ? '' : '/NAME'}`) {
      case 'GET faults':
        return [...rows.values()].map(stateOf);
      case 'DELETE faults':
        await Promise.all([...rows.values()].map(({ lease }) => lease.clear()));
        return [...rows.values()].map(stateOf);
      case 'DELETE faults/NAME': {
        const row = requireRow(name ?? '');
        await row.lease.clear();
        return stateOf(row);
      }
      case 'PUT faults/NAME': {
        const row = requireRow(name ?? '');
        const { fault, ttl } = await readBody(request, putFaultSchema);
        await row.lease.set(fault, ttl).catch((error: unknown) => {
          throw error instanceof RangeError ? new Refusal(400, `${capital(error.message)}.`) : error;
        });
        return stateOf(row);
      }
      case 'PUT targets/NAME': {
        const row = requireRow(name ?? '');
        row.proxy.lead(await readBody(request, targetSchema));
        return stateOf(row);
      }
      default:
        throw new Refusal(404, `There is no ${method} ${url}; see GET /faults.`);
    }
  };

  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      // Bytes of a body that was refused may still come.
      if (status >= 400) response.setHeader('connection', 'close');
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    answer(request).then(
      (body) => send(200, body),
      (error: unknown) =>
        error instanceof Refusal
          ? send(error.status, { error: error.message })
          : send(500, { error: `The fault proxy failed: ${(error as Error).message}.` }),
    );
  });
  server.requestTimeout = SLOWEST_REQUEST;
  server.headersTimeout = SLOWEST_REQUEST;
  return server;
}

function stateOf({ name, protocol, listen, proxy, lease }: Row): ProxyState {
  const [fault, left] = [proxy.fault(), lease.left()];
  return {
    name,
    protocol,
    listen: { host: listen.host, port: proxy.port },
    target: proxy.target(),
    ...(fault && { fault }),
    ...(left !== undefined && { until: Math.round(Date.now() + left) }),
    counts: proxy.counts(),
  };
}

/** The path's two parts; only whole paths are known, so that a slip never means all faults. */
function parsePath(url: string): { readonly what: string; readonly name?: string } {
  const [, what = '', name] = /^\/([a-z]+)(?:\/([a-z0-9-]+))?$/.exec(url) ?? [];
  return { what, ...(name !== undefined && { name }) };
}

async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) throw new Refusal(400, `The body is larger than ${MOST_BODY} bytes.`);
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw new Refusal(400, `${capital(sentenceOf(error, 'the body'))}.`);
  return data;
}

/** Compares hashes, so that the time tells neither the length nor a prefix of the key. */
function createAccess(key: string | undefined): (request: IncomingMessage) => boolean {
  if (key === undefined) return () => true;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(key);
  return ({ headers }) => {
    const shown = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    return shown !== undefined && timingSafeEqual(digest(shown), expected);
  };
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
