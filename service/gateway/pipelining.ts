import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may be unanswered at once; who waits for answers never has a second. */
const MAX_UNANSWERED = 16;

/**
 * Closes a connection that sends request after request and takes no answer. Each of them would be kept with its answer
 * until the one before has been read, and what one client sends in a moment would fill the memory of the process.
 */
export function withoutFloods(listener: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    // The rest of what came with it is still told.
    if (socket.destroyed) return;
    const count = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, count);
    if (count > MAX_UNANSWERED) {
      socket.destroy();
      return;
    }
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    listener(request, response);
  };
}
