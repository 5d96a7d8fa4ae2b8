import { describe, expect, test } from '@jest/globals';
import { passEvents, withoutUsage, type EventFilter } from '../../service/ai/events.ts';

const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}';
const TOKEN = 'data: {"choices":[{"delta":{"content":"ä€😀"}}],"usage":null}';

/** What comes out of a filter when a stream comes in pieces. */
function through(filter: EventFilter, text: string, pieces: readonly number[]): string {
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  let from = 0;
  for (const to of [...pieces, bytes.length]) {
    if (to > from) out.push(Buffer.from(filter.write(bytes.subarray(from, to))));
    from = to;
  }
  return Buffer.concat([...out, filter.end()]).toString('utf8');
}

const LINES = { LF: '\n', CRLF: '\r\n', CR: '\r' };

describe.each(Object.entries(LINES))('a stream whose lines end with %s', (_name, end) => {
  const join = (...events: readonly string[]): string =>
    events.map((event) => event.replaceAll('\n', end) + end + end).join('');
  const all = join(': comment', TOKEN, `event: x\nid: 1\n${TOKEN}`, 'data: {"a":\ndata: 1}', USAGE, 'data: [DONE]');
  const without = all.replace(join(USAGE), '');
  const borders = Array.from({ length: Buffer.byteLength(all) }, (_, place) => place);

  test('is passed on byte for byte, cut wherever it may be', () => {
    for (const border of borders) expect(through(passEvents(), all, [border])).toBe(all);
    expect(through(passEvents(), all, borders)).toBe(all);
  });

  test('is without the event that tells the usage alone, cut wherever it may be', () => {
    for (const border of borders) expect(through(withoutUsage(), all, [border])).toBe(without);
    expect(through(withoutUsage(), all, borders)).toBe(without);
  });

  test('gives each event as soon as all of it is there', () => {
    const filter = withoutUsage();
    expect(filter.write(Buffer.from(join(TOKEN))).toString()).toBe(join(TOKEN));
    expect(filter.isBetween).toBe(true);
    expect(filter.write(Buffer.from('data: {"cho')).toString()).toBe('');
    expect(filter.isBetween).toBe(false);
    expect(filter.write(Buffer.from(`ices":[1]}${end}${end}`)).toString()).toBe(join('data: {"choices":[1]}'));
  });
});

test('usage beside a part of the answer is passed on', () => {
  const text = 'data: {"choices":[{"delta":{}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n';
  expect(through(withoutUsage(), text, [])).toBe(text);
});

test('an event without end is passed on as it comes, and not held', () => {
  const long = `data: ${'x'.repeat(200_000)}\n\n`;
  const filter = withoutUsage();
  const bytes = Buffer.from(long);
  let passed = 0;
  for (let from = 0; from < bytes.length; from += 1_000) {
    passed += filter.write(bytes.subarray(from, from + 1_000)).length;
    expect(from - passed).toBeLessThan(70_000);
  }
  expect(passed + filter.end().length).toBe(bytes.length);
  expect(through(withoutUsage(), `${long}${USAGE}\n\n${TOKEN}\n\n`, [70_000, 150_000])).toBe(`${long}${TOKEN}\n\n`);
});

test('what is cut in the middle of an event ends where it was cut', () => {
  expect(through(withoutUsage(), `${TOKEN}\n\ndata: {"us`, [20])).toBe(`${TOKEN}\n\ndata: {"us`);
});
