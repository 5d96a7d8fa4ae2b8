/** A generator of numbers from 0 to 1 that always gives the same for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What mutations put in: all that parsers of HTTP differ about. */
const PIECES = [
  ...['\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ':', '\x0b', '\x7f', '\x80', '\xff', '%', '%2e', '/', '..', '#'],
  ...['Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: b.test\r\n'],
  ...[
    'Connection: close\r\n',
    'connection: keep-alive\r\n',
    'Upgrade: h2c\r\n',
    'Expect: 100-continue\r\n',
    'x : y\r\n',
  ],
  ...[
    'X-Request-Id: z\r\n',
    ' folded\r\n',
    'Range: bytes=0-0\r\n',
    'GET ',
    'POST ',
    'HEAD ',
    'HTTP/1.0',
    'HTTP/1.1',
    '1',
  ],
];

/** A text with one to three random changes: bytes left out, put in, doubled, replaced, in other case. */
export function mutated(text: string, random: () => number): string {
  let result = text;
  const below = (bound: number): number => Math.floor(random() * bound);
  for (let count = 1 + below(3); count > 0; count--) {
    const place = below(result.length + 1);
    const length = below(4);
    const [before, changed, after] = [
      result.slice(0, place),
      result.slice(place, place + length),
      result.slice(place + length),
    ];
    const piece = PIECES[below(PIECES.length)] ?? '';
    const changes = [piece, piece + changed, changed + changed, '', changed.toUpperCase(), changed.toLowerCase()];
    result = before + (changes[below(changes.length)] ?? '') + after;
  }
  // Whole lines are what smuggling is made of; most random places are inside of one.
  if (random() < 0.3) {
    const lines = result.split('\r\n');
    lines.splice(1 + below(lines.length - 1), 0, (PIECES[below(PIECES.length)] ?? '').trimEnd());
    result = lines.join('\r\n');
  }
  return result;
}

/** A text in up to four pieces. */
export function split(text: string, random: () => number): string[] {
  const places = Array.from({ length: Math.floor(random() * 4) }, () => Math.floor(random() * text.length));
  const all = [0, ...places.sort((a, b) => a - b), text.length];
  return all
    .slice(1)
    .map((end, index) => text.slice(all[index], end))
    .filter((piece) => piece !== '');
}
