import type { Body } from './framing.ts';

const REQUEST_LINE = /^(?:\r?\n)*([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP\/1\.[01]\r?\n/;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

/** The method of a request; undefined: it is none. */
export function methodOf(head: string): string | undefined {
  return REQUEST_LINE.exec(head)?.[1];
}

/** The status of an answer; undefined: it is none. */
export function statusOf(head: string): number | undefined {
  const text = STATUS_LINE.exec(head)?.[1];
  return text === undefined ? undefined : Number(text);
}

/** Whether a request waits with its body until it is told to go on. */
export function expectsContinue(head: string): boolean {
  return /^expect:[ \t]*100-continue/im.test(head);
}

/** How the body of a request ends (RFC 9112, section 6.3). */
export function requestBody(head: string): Body | undefined {
  const method = methodOf(head);
  if (method === undefined) return undefined;
  return method === 'CONNECT' ? { kind: 'rest' } : (declared(head) ?? { kind: 'length', length: 0 });
}

/** How the body of an answer to a request of the method ends. */
export function answerBody(head: string, method: string | undefined): Body | undefined {
  const status = statusOf(head);
  if (status === undefined) return undefined;
  if (status === 101) return { kind: 'rest' };
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'length', length: 0 };
  return declared(head) ?? { kind: 'rest' };
}

/** What the head says of the body's length. */
function declared(head: string): Body | undefined {
  if (/^transfer-encoding:[^\r\n]*chunked[ \t]*\r?$/im.test(head)) return { kind: 'chunked' };
  const length = /^content-length:[ \t]*(\d+)/im.exec(head)?.[1];
  return length === undefined ? undefined : { kind: 'length', length: Number(length) };
}
