import { STATUS_CODES } from 'node:http';
import type { ProxyFault } from '../fault.ts';

/** The fault that answers in the target's place. */
export type StatusFault = Extract<ProxyFault, { kind: 'status' }>;

/** What the proxy itself answers to a request, as bytes. `last`: the connection ends with it. */
export function ownAnswer({ status, retryAfter }: StatusFault, method: string, last: boolean): Buffer {
  const hasBody = status !== 204 && status !== 304;
  const body = hasBody ? `${JSON.stringify({ error: 'a fault proxy answered in place of the target', status })}\n` : '';
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Fault'}`,
    ...(hasBody ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`] : []),
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    `Connection: ${last ? 'close' : 'keep-alive'}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`);
}
