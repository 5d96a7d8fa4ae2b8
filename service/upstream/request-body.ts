import type { IncomingMessage } from 'node:http';
import { UpstreamError } from './upstream-error.ts';

/**
 * The JSON value that a request carries. Throws an UpstreamError: 413 when it is longer than `maxBytes`, 400 when it is
 * not JSON.
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const tooLarge = new UpstreamError(413, 'body_too_large', `The body is larger than ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed on a break: the refusal still has to go out over the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw tooLarge;
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new UpstreamError(400, 'malformed_json', 'The body is not JSON.', { cause });
  }
}
