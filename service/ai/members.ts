/** A member of a JSON object, and where its value stands in the object's bytes. */
export type Member = { readonly name: string; readonly from: number; readonly to: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);

/** The members of an object, in their order; the bytes must be a JSON object, as JSON.parse has found. */
export function membersOf(bytes: Buffer): readonly Member[] {
  const members: Member[] = [];
  let at = bytes.indexOf('{') + 1;
  for (;;) {
    at = bytes.indexOf(QUOTE, at);
    if (at < 0) return members;
    const nameEnd = endOfString(bytes, at);
    const name = JSON.parse(bytes.toString('utf8', at, nameEnd)) as string;
    let from = bytes.indexOf(':', nameEnd) + 1;
    const end = endOfValue(bytes, from);
    let to = end;
    while (isBlank(bytes[from])) from++;
    while (isBlank(bytes[to - 1])) to--;
    members.push({ name, from, to });
    if (bytes[end] !== COMMA) return members;
    at = end + 1;
  }
}

/**
 * The same object with other values of some members; every other byte stays as it was, so that a number that JavaScript
 * cannot hold, or a field that nobody here knows, arrives as it was sent. `members`: those of the object, where they are
 * known; default they are looked for.
 */
export function withMembers(
  bytes: Buffer,
  values: Readonly<Record<string, unknown>>,
  members: readonly Member[] = membersOf(bytes),
): Buffer {
  const parts: (Buffer | string)[] = [];
  const start = bytes.indexOf('{') + 1;
  const added = Object.keys(values).filter((name) => !members.some((member) => member.name === name));
  parts.push(bytes.subarray(0, start));
  const more = added.map((name) => `${JSON.stringify(name)}:${JSON.stringify(values[name])}`).join(',');
  parts.push(more, more !== '' && members.length > 0 ? ',' : '');
  let at = start;
  for (const { name, from, to } of members) {
    if (!Object.hasOwn(values, name)) continue;
    parts.push(bytes.subarray(at, from), JSON.stringify(values[name]));
    at = to;
  }
  parts.push(bytes.subarray(at));
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/** Blanks of JSON: space, tab, line feed, carriage return. */
function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** The place after a string that begins at `at`. */
function endOfString(bytes: Buffer, at: number): number {
  for (let place = at + 1; ; place++) {
    const byte = bytes[place];
    if (byte === BACKSLASH) place++;
    else if (byte === QUOTE || byte === undefined) return place + 1;
  }
}

/** The place of the comma or brace after a value. */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let place = from; place < bytes.length; place++) {
    const byte = bytes[place] ?? 0;
    if (byte === QUOTE) place = endOfString(bytes, place) - 1;
    else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) {
      if (depth === 0) return place;
      depth--;
    } else if (byte === COMMA && depth === 0) return place;
  }
  return bytes.length;
}
