import { validateHeaderName, validateHeaderValue, type IncomingMessage, type ServerResponse } from 'node:http';

/** A whole answer that is given many times: the lines of its headers and its body as text (latin1), made once. */
export type ReadyAnswer = {
  readonly status: string;
  readonly lines: string;
  readonly text: string;
  /** Whether its headers say when it was made. */
  readonly dated: boolean;
};

/** Larger bodies are sent as bytes, in a write of their own. */
const MAX_BYTES = 65_536;
/** The sender names what becomes of the connection before the length. */
const LENGTH_LINE = /content-length: \d+\r\n$/;
const STATUS = { 200: '200 OK', 404: '404 Not Found' } as const;

/**
 * Makes an answer ready; undefined for one that is too large or of an unusual status. Throws as node:http does for a
 * header that cannot be sent: it is not looked at again.
 */
export function makeReady(status: number, headers: readonly string[], body: Buffer): ReadyAnswer | undefined {
  const statusText = STATUS[status as keyof typeof STATUS] as string | undefined;
  if (statusText === undefined || body.length > MAX_BYTES) return undefined;
  let lines = '';
  let dated = false;
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (name === 'date') dated = true;
    lines += `${name}: ${value}\r\n`;
  }
  return {
    status: statusText,
    lines: `${lines}content-length: ${body.length}\r\n`,
    text: body.toString('latin1'),
    dated,
  };
}

/** Whether a request asks for nothing that a ready answer does not give. */
export function takesReady({ method, httpVersionMinor, headers }: IncomingMessage): boolean {
  return method === 'GET' && httpVersionMinor === 1 && headers.connection === undefined;
}

/**
 * Sends ready answers with the headers of one request, flat, before their own. node:http writes a head anew for each
 * answer and looks at each header; here the head is given to it as written (`_header`, which frameworks read to know
 * whether it was). That saves a twentieth of the time of a kept answer (`npm run bench`), and a test holds the bytes
 * against those that node:http writes.
 */
export function createReadySender(
  keepAliveMs: number,
): (response: ServerResponse, own: readonly string[], answer: ReadyAnswer) => void {
  const headOf = createHeadWriter(keepAliveMs);
  return (response, own, answer) => {
    Reflect.set(response, '_header', headOf(own, answer, false));
    response.end(answer.text, 'latin1');
  };
}

/** Writes the heads of ready answers as node:http does, for a connection that is kept or one that is closed then. */
export function createHeadWriter(
  keepAliveMs: number,
): (own: readonly string[], answer: ReadyAnswer, closes: boolean) => string {
  const connection = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n`;
  let date = '';
  let dateEnds = 0;
  const dateLine = (): string => {
    const now = Date.now();
    if (now >= dateEnds) {
      dateEnds = now - (now % 1000) + 1000;
      date = `Date: ${new Date(now).toUTCString()}\r\n`;
    }
    return date;
  };
  return (own, { status, lines, dated }, closes) => {
    let head = `HTTP/1.1 ${status}\r\n`;
    for (let index = 0; index < own.length; index += 2) head += `${own[index]}: ${own[index + 1]}\r\n`;
    head += closes ? lines.replace(LENGTH_LINE, 'connection: close\r\n$&') : lines;
    if (!dated) head += dateLine();
    return head + (closes ? '\r\n' : connection);
  };
}
