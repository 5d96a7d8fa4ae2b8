import type { Socket } from 'node:net';
import type { Delay } from './delay.ts';
import type { Pace } from './pace.ts';

/** What holds bytes up on their way. */
export type Shape = {
  readonly delay?: Delay;
  readonly pace?: Pace;
  /** The pace holds for what is pushed as slow only. */
  readonly onlySlow?: boolean;
};

/** One direction of a connection: bytes in order, no more of them in memory than a bound, whatever holds them up. */
export type Flow = {
  push(bytes: Buffer, slow?: boolean): void;
  /** Takes effect for what is pushed from now on; what waits is due at once, at the new pace. */
  shape(shape: Shape): void;
  /** After what waits: half-closes, or resets, the receiver. */
  finish(how: 'end' | 'reset'): void;
  /** Nothing waits. */
  isEmpty(): boolean;
  /** Ends it for good: what waits is forgotten, the sender is left as it is, and no timer runs. */
  drop(): void;
};

export type FlowOptions = {
  /** Is not read while the receiver is slow or too much waits. */
  readonly from: () => Socket | undefined;
  /** The receiver, asked for whenever bytes are to be written. */
  readonly to: () => Socket;
  /** Bytes that were handed to the receiver. */
  readonly onWritten?: (bytes: number) => void;
};

type Waiting = { bytes: Buffer; readonly slow: boolean; due: number };

// A second of a fast connection's bytes fits; 200 connections fill less than a gibibyte at the worst.
const MOST_WAITING = 4 * 2 ** 20;

const EMPTY = Buffer.alloc(0);
const now = (): number => performance.now();

/** A flow from one socket to another. */
export function createFlow({ from, to, onWritten }: FlowOptions): Flow {
  const queue: Waiting[] = [];
  let waiting = 0;
  let shape: Shape = {};
  let ending: 'end' | 'reset' | undefined;
  let isOver = false;
  let receiver: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;

  const open = (): Socket => {
    const socket = to();
    if (socket !== receiver) socket.on('drain', pump);
    receiver = socket;
    return socket;
  };
  const write = (bytes: Buffer): void => {
    const socket = open();
    if (!socket.writable) return;
    socket.write(bytes);
    onWritten?.(bytes.length);
  };
  const regulate = (): void => {
    if (isOver) return;
    const isFull = waiting > MOST_WAITING || receiver?.writableNeedDrain === true;
    const sender = from();
    if (isFull) sender?.pause();
    else if (sender?.isPaused() === true) sender.resume();
  };
  const sleep = (milliseconds: number): void => {
    timer = setTimeout(pump, Math.max(1, Math.ceil(milliseconds)));
  };
  /** Writes what may pass now; false when the rest has to wait. */
  const pass = (head: Waiting): boolean => {
    const at = now();
    if (head.due > at) {
      sleep(head.due - at);
      return false;
    }
    const pace = shape.onlySlow === true && !head.slow ? undefined : shape.pace;
    const { bytes, wait } = pace?.take(at, head.bytes.length) ?? { bytes: head.bytes.length, wait: 0 };
    if (bytes === 0) {
      sleep(wait);
      return false;
    }
    write(head.bytes.subarray(0, bytes));
    waiting -= bytes;
    if (bytes === head.bytes.length) queue.shift();
    else head.bytes = head.bytes.subarray(bytes);
    return true;
  };
  function pump(): void {
    clearTimeout(timer);
    timer = undefined;
    if (isOver) return;
    for (;;) {
      const [head] = queue;
      if (head === undefined || receiver?.writableNeedDrain === true || !pass(head)) break;
    }
    if (queue.length === 0 && ending !== undefined) close(ending);
    regulate();
  }
  const close = (how: 'end' | 'reset'): void => {
    const socket = open();
    // The kernel throws away what it still holds of a connection that is reset: not before it has the last byte.
    if (how === 'reset') socket.write(EMPTY, () => socket.resetAndDestroy());
    else if (socket.writable) socket.end();
    isOver = true;
  };

  return {
    push(bytes, slow = false) {
      if (isOver || ending !== undefined) return;
      if (queue.length === 0 && shape.delay === undefined && shape.pace === undefined) {
        // Nothing holds it up: a plain pipe.
        write(bytes);
      } else {
        queue.push({ bytes, slow, due: shape.delay?.(now()) ?? 0 });
        waiting += bytes.length;
        if (timer === undefined) pump();
      }
      regulate();
    },
    shape(next) {
      shape = next;
      for (const each of queue) each.due = 0;
      pump();
    },
    finish(how) {
      ending = how;
      if (timer === undefined) pump();
    },
    isEmpty: () => queue.length === 0,
    drop() {
      clearTimeout(timer);
      isOver = true;
      queue.length = 0;
    },
  };
}
