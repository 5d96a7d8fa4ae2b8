import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** How large a body may be, and how long it may take. */
export type BodyBounds = {
  readonly maxBytes: number;
  /** Milliseconds from its first byte to its last. */
  readonly timeout: number;
};

const JSON_TYPE = /^application\/json\s*(;|$)/i;

// What is a little too large is read to its end, so that the sender hears why; beyond this the connection is cut.
const DISCARDED = 4;

/** The text of a JSON body. Throws a Refusal for another type, and for one that is too large or comes too slowly. */
export async function readBody(request: IncomingMessage, { maxBytes, timeout }: BodyBounds): Promise<string> {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (type === undefined || !JSON_TYPE.test(type) || encoding !== undefined)
    throw new Refusal('body-not-json', 'Content-Type must be application/json, without Content-Encoding');
  const tooLarge = (): Refusal => new Refusal('body-too-large', `a body may have ${maxBytes} bytes`);
  if (Number(length ?? 0) > DISCARDED * maxBytes) throw tooLarge();
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = (refusal: Refusal): void => {
      request.off('data', take);
      request.resume();
      reject(refusal);
    };
    const timer = setTimeout(() => refuse(new Refusal('body-too-slow', `a body may take ${timeout} ms`)), timeout);
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else if (bytes > DISCARDED * maxBytes) refuse(tooLarge());
    };
    request.on('data', take);
    request.once('end', () => (bytes > maxBytes ? refuse(tooLarge()) : resolve(Buffer.concat(chunks).toString())));
    request.once('close', () => {
      clearTimeout(timer);
      reject(new Refusal('malformed-body', 'the body broke off'));
    });
  });
  return text;
}
