import type { Socket } from 'node:net';

// What the buffers of two kernels and a network between them take before a sender has to wait.
const MOST_SWALLOWED = 256 * 1024;

/**
 * Lets bytes vanish as a broken network does: the sender notices nothing, until it has sent more than the buffers on
 * the way would take, and has to wait from then on.
 */
export function createSwallow(from: Socket): (bytes: number) => void {
  let swallowed = 0;
  // Somebody may have stopped reading it, and would never learn that its peer has gone.
  from.resume();
  return (bytes) => {
    swallowed += bytes;
    if (swallowed > MOST_SWALLOWED) from.pause();
  };
}
