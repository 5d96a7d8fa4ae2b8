import { findUsage } from './usage.ts';

/** Longer events are passed on unread: the one that is looked for has a few hundred bytes. */
const MAX_EVENT = 65_536;
const MAYBE_USAGE = /"usage"\s*:\s*\{/;

/** Takes the bytes of a stream of events as they come, however they are cut, and gives those to pass on. */
export type EventFilter = {
  /** What can be passed on now: whole events, byte for byte. */
  write(chunk: Buffer): Buffer;
  /** What is left at the end. */
  end(): Buffer;
  /** Whether what was passed on ends where an event does, so that another may come in between. */
  readonly isBetween: boolean;
};

const NOTHING: Buffer = Buffer.alloc(0);

/** Passes on every byte at once, and knows where events end. */
export function passEvents(): EventFilter {
  let tail = NOTHING;
  return {
    write(chunk) {
      tail = chunk.length >= 4 ? chunk.subarray(-4) : Buffer.concat([tail, chunk]).subarray(-4);
      return chunk;
    },
    end: () => NOTHING,
    get isBetween() {
      return tail.length === 0 || lastBorder(tail) === tail.length;
    },
  };
}

/**
 * Passes on whole events but the one that tells the usage and nothing else, for a client that did not ask for it. The
 * part of an event that has come is held until the rest is there.
 */
export function withoutUsage(): EventFilter {
  let held = NOTHING;
  let isLong = false;
  return {
    write(chunk) {
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      // The rest of an event that is too long to be held ends at the first border.
      const longEnd = isLong ? firstBorder(all) : 0;
      const border = isLong && longEnd === 0 ? 0 : lastBorder(all);
      if (border === 0 && (isLong || all.length > MAX_EVENT)) {
        isLong = true;
        held = all.subarray(-3);
        return all.subarray(0, -3);
      }
      if (border > 0) isLong = false;
      held = all.subarray(border);
      const whole = all.subarray(0, border);
      const read = whole.subarray(longEnd);
      if (!MAYBE_USAGE.test(read.toString('latin1'))) return whole;
      return Buffer.concat([whole.subarray(0, longEnd), withoutUsageAlone(read)]);
    },
    end() {
      const rest = held;
      held = NOTHING;
      return rest;
    },
    get isBetween() {
      return held.length === 0;
    },
  };
}

/** Whole events without those that tell the usage and nothing else. */
function withoutUsageAlone(events: Buffer): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (const { index, 0: border } of events.toString('latin1').matchAll(BORDERS)) {
    const event = events.subarray(from, index + border.length);
    if (!isUsageAlone(event)) kept.push(event);
    from = index + border.length;
  }
  return Buffer.concat([...kept, events.subarray(from)]);
}

const BORDERS = /\r\n\r\n|\n\n|\r\r/g;

/** Whether an event tells the usage and no part of an answer. */
function isUsageAlone(event: Buffer): boolean {
  const data = event
    .toString('latin1')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length))
    .join('\n');
  if (!findUsage(data)) return false;
  const { choices } = JSON.parse(data) as { readonly choices?: unknown };
  return Array.isArray(choices) && choices.length === 0;
}

/** The place after the first end of an event; 0 where there is none. */
function firstBorder(bytes: Buffer): number {
  const found = new RegExp(BORDERS.source).exec(bytes.toString('latin1'));
  return found ? found.index + found[0].length : 0;
}

/** The place after the last end of an event; 0 where there is none. */
function lastBorder(bytes: Buffer): number {
  for (let at = bytes.length - 1; at > 0; at--) {
    const byte = bytes[at];
    if (byte === LF && bytes[at - 1] === LF) return at + 1;
    if (byte === LF && bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at + 1;
    if (byte === CR && bytes[at - 1] === CR) return at + 1;
  }
  return 0;
}

const LF = 0x0a;
const CR = 0x0d;
