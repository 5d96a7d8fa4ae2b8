import type { Socket } from 'node:net';
import { problemReply } from './problem.ts';
import type { ProblemCode } from './problem-table.ts';

const UNREADABLE: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'header-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** How long what a refused client still sends is read: a connection closed on unread bytes loses the answer. */
const LINGER_MS = 1_000;

/**
 * Answers what node:http could not read as HTTP, once, and closes the connection: its framing is in doubt, so that
 * whatever follows on it may be read by nobody as a request.
 */
export function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = UNREADABLE[error.code ?? ''] ?? 'malformed-request';
  socket.end(rawProblem(code));
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** A problem as the bytes of a whole answer, after which the connection is closed. */
export function rawProblem(code: ProblemCode): string {
  const { status, headers, body } = problemReply(code);
  const lines = [
    `HTTP/1.1 ${status} ${code}`,
    `${headers[0]}: ${headers[1]}`,
    'connection: close',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
