import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;
const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

/** Random bytes, fetched many at once: asking for a few costs as much. */
const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

/** A new trace's id: 32 hexadecimal digits, never all zero. */
export function newTraceId(): string {
  return randomHex(TRACE_BYTES);
}

/** A new span's id: 16 hexadecimal digits, never all zero. */
export function newSpanId(): string {
  return randomHex(SPAN_BYTES);
}

function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const from = used;
  used += bytes;
  // All zero means none: the first byte never is.
  if (pool[from] === 0) pool[from] = 1;
  return pool.toString('hex', from, used);
}
