import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from './exchange.ts';
import { DEADLINE_HEADER } from './upstream/index.ts';

/** Headers of one connection, which go no further (RFC 9110, section 7.6.1), whether Connection names them or not. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Of a request: also what the gateway says itself, and what a client cannot know about its own address. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  // Answered by the listener before the body is read.
  'expect',
  'forwarded',
  'x-real-ip',
  'x-request-id',
  DEADLINE_HEADER,
]);

/** Of an answer: also what the sender says itself. */
const NOT_RETURNED: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'content-length', 'x-request-id']);

/** How the gateway names itself and the client to the origin. */
export type ForwardingOptions = {
  /** The gateway's name in Via (RFC 9110, section 7.6.3). */
  readonly name: string;
  /** Value of X-Forwarded-For; default the client's address alone. */
  readonly forwardedFor?: (exchange: Exchange) => string;
  /** Value of X-Forwarded-Proto; default that of the client's connection. */
  readonly forwardedProto?: (exchange: Exchange) => string;
};

/**
 * The headers of a request for the origin, flat, with duplicates and in their order. `extra`, flat and with names in
 * lower case, takes the place of the client's own; with an empty value it takes them away.
 */
export function requestHeaders(
  exchange: Exchange,
  { name, forwardedFor = clientAddress, forwardedProto = clientProtocol }: ForwardingOptions,
  extra: readonly string[] = [],
): string[] {
  const { request } = exchange;
  const { host, connection, 'content-length': length, 'transfer-encoding': coding } = request.headers;
  const named = namedBy(connection);
  const { rawHeaders } = request;
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? '';
    const lower = raw.toLowerCase();
    if (NOT_FORWARDED.has(lower) || lower.startsWith('x-forwarded-') || named?.has(lower)) continue;
    if (extra.length > 0 && replaces(extra, lower)) continue;
    headers.push(raw, rawHeaders[index + 1] ?? '');
  }
  if (host !== undefined) headers.push('host', host, 'x-forwarded-host', host);
  if (length !== undefined && coding === undefined && length !== '0') headers.push('content-length', length);
  for (let index = 0; index < extra.length; index += 2) {
    const value = extra[index + 1] ?? '';
    if (value !== '') headers.push(extra[index] ?? '', value);
  }
  headers.push(
    'x-forwarded-for',
    forwardedFor(exchange),
    'x-forwarded-proto',
    forwardedProto(exchange),
    'x-request-id',
    exchange.requestId,
    'via',
    `${request.httpVersion} ${name}`,
  );
  return headers;
}

/**
 * The headers of an answer for the client, flat, names in lower case, those that came several times each for itself.
 * Content-Length is left to the sender, which knows the body; `keepLength` keeps it where there is none to know.
 */
export function answerHeaders(fields: IncomingHttpHeaders, keepLength: boolean): string[] {
  const named = namedBy(fields.connection);
  const headers: string[] = [];
  for (const name in fields) {
    if (NOT_RETURNED.has(name) || named?.has(name)) continue;
    const value = fields[name];
    if (typeof value === 'string') headers.push(name, value);
    else if (value) for (const one of value) headers.push(name, one);
  }
  const length = fields['content-length'];
  if (keepLength && length !== undefined) headers.push('content-length', length);
  return headers;
}

/** The headers that a Connection header names; undefined when it names none beside the usual options. */
function namedBy(connection: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  const list = Array.isArray(connection) ? connection.join(',') : connection;
  return new Set(list.split(',').map((option) => option.trim().toLowerCase()));
}

function replaces(extra: readonly string[], name: string): boolean {
  for (let index = 0; index < extra.length; index += 2) if (extra[index] === name) return true;
  return false;
}

function clientAddress({ clientAddress, request }: Exchange): string {
  return clientAddress === '' ? (request.socket.remoteAddress ?? 'unknown') : clientAddress;
}

function clientProtocol({ request }: Exchange): string {
  return 'encrypted' in request.socket ? 'https' : 'http';
}
