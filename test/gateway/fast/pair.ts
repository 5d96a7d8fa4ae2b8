import { afterAll, beforeAll } from '@jest/globals';
import { definition, withValues, type Service } from '../../../service/definition/index.ts';
import type { Handler } from '../../../service/gateway/exchange.ts';
import { createMemoryLimits } from '../../../service/limit/index.ts';
import { ask, startGateway, type TestGateway } from '../../support/gateway.ts';

/** The options of a test gateway. */
export type GatewayOptions = NonNullable<Parameters<typeof startGateway>[1]>;

/** Handlers whose answers are kept, of every kind. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  search: ({ query }) => {
    const body = BODIES[query.q ?? ''] ?? Buffer.from(JSON.stringify(query));
    return { status: 200, headers: ['content-type', 'application/json', 'etag', '"1"'], body };
  },
};

/** Bodies by what is searched for. */
const BODIES: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  utf8: Buffer.from('{"söme":"日本"}'),
  bytes: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  long: Buffer.alloc(60_000, 'x'),
  large: Buffer.alloc(70_000, 'x'),
};

/** Paths of answers that are kept once they were asked for. */
export const PATHS = ['a', 'empty', 'utf8', 'bytes', 'long', 'large', 'a%20b', 'a&limit=5'].map(
  (q) => `/v1/search?q=${q}`,
);

/** A definition of wide limits with one of the listeners. */
export function serviceWith(listener: 'http' | 'fast', values: readonly string[] = []): Service {
  return withValues(definition.dev, [
    'limits.address=100000/min',
    'limits.global.bucket.capacity=100000',
    'routes.search.limit=100000/min',
    `gateway.listener=${listener}`,
    ...values,
  ]);
}

/** A gateway with limits that stand still and answers that are kept already. */
export async function startKept(
  listener: 'http' | 'fast',
  values: readonly string[] = [],
  options: GatewayOptions = {},
): Promise<TestGateway> {
  const gateway = await startGateway(HANDLERS, {
    service: serviceWith(listener, values),
    limitStore: createMemoryLimits({ trackedCallers: 100, now: () => 1_000 }),
    ...options,
  });
  for (const path of PATHS) await ask(gateway.port, 'GET', path);
  gateway.outcomes.length = 0;
  return gateway;
}

/** Both gateways with kept answers, started before the tests of a file and closed after them. */
export function usePair(): Readonly<Record<'http' | 'fast', TestGateway>> {
  const pair: Partial<Record<'http' | 'fast', TestGateway>> = {};
  beforeAll(async () => {
    pair.http = await startKept('http');
    pair.fast = await startKept('fast');
  });
  afterAll(async () => {
    await pair.http?.close();
    await pair.fast?.close();
  });
  return pair as Record<'http' | 'fast', TestGateway>;
}

/** A GET of a kept answer. */
export function get(path = PATHS[0], ...headers: readonly string[]): string {
  return `GET ${path} HTTP/1.1\r\n${['Host: a.test', ...headers].map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** Who wrote the answers so far: Node's server has then written a head to its own response. */
export function writers({ outcomes }: TestGateway): string[] {
  return outcomes.map(({ exchange }) => (exchange.response.headersSent ? 'http' : 'fast'));
}

/** An answer without what passes with time. */
export function timeless(text: string): string {
  return text
    .replaceAll(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/gm, 'Date: now\r')
    .replaceAll(/^age: \d+\r$/gm, 'age: some\r')
    .replaceAll(/ttl=\d+/g, 'ttl=some');
}
