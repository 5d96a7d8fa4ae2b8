import { expect, test } from '@jest/globals';
import { createEventData } from '../../service/ai/event-data.ts';

function told(...chunks: readonly (string | Buffer)[]): string[] {
  const texts: string[] = [];
  const write = createEventData((text) => texts.push(text));
  for (const chunk of chunks) write(Buffer.from(chunk));
  return texts;
}

test.each<[title: string, chunks: readonly string[], texts: readonly string[]]>([
  ['whole events', ['data: {"a":1}\n\ndata: [DONE]\n\n'], [' {"a":1}', ' [DONE]']],
  ['no space after the colon', ['data:x\n\n'], ['x']],
  ['ends of line of every kind', ['data: a\r\n\r\ndata: b\r\rdata: c\n\n'], [' a', ' b', ' c']],
  ['an end of line that is cut in two', ['data: a\r', '\ndata: b\n'], [' a', ' b']],
  ['other fields and comments', [': ping\nevent: x\nid: 1\nretry: 5\ndata: y\ndatax: z\n'], [' y']],
  ['a line without its end', ['data: never ended'], []],
])('the data of %s', (_, chunks, texts) => {
  expect(told(...chunks)).toEqual(texts);
});

test('however the bytes are cut, the same is told', () => {
  const stream = 'data: {"content":"ä€"}\r\n\r\n: x\r\ndata: last\n\n';
  const whole = told(stream);
  expect(whole).toHaveLength(2);
  const bytes = Buffer.from(stream);
  for (let at = 1; at < bytes.length; at++) expect(told(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
});

test('a line without end is skipped and not kept, and the next one is read', () => {
  const piece = 'x'.repeat(60_000);
  const write: string[] = [];
  const add = createEventData((text) => write.push(text));
  add(Buffer.from('data: '));
  for (let count = 0; count < 100; count++) add(Buffer.from(piece));
  add(Buffer.from('\ndata: next\n'));
  expect(write).toEqual([' next']);
});
