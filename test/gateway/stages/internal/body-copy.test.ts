import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { Relay } from '../../../../service/gateway/relay.ts';
import { copyBody, discard, drain, isLarger } from '../../../../service/gateway/stages/internal/body-copy.ts';

const source = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
const relayOf = (length?: number): Relay => new Relay(source, length);
const SINK = { write: () => true, end: () => undefined, fail: () => undefined };

describe('a copy', () => {
  test.each(['text', Buffer.from('text')])('of a whole body is that body', async (given) => {
    const { body, whole } = copyBody(given, 10);
    expect(body).toBe(given);
    expect(String(await whole)).toBe('text');
    expect(await copyBody(given, 3).whole).toBe('larger');
  });

  test('of no body is empty', async () => {
    expect(await copyBody(null, 0).whole).toEqual(Buffer.alloc(0));
  });

  test('of a stream is made while that is read', async () => {
    const { body, whole } = copyBody(Readable.from([Buffer.from('te'), Buffer.from('xt')]), 10);
    expect(String(await buffer(body as Readable))).toBe('text');
    expect(String(await whole)).toBe('text');
  });

  test('of a stream that breaks off is none, and the reader is told', async () => {
    const stream = new Readable({ read: () => undefined });
    const { body, whole } = copyBody(stream, 10);
    const read = buffer(body as Readable);
    stream.push('te');
    stream.destroy(new Error('broken'));
    await expect(read).rejects.toThrow('broken');
    expect(await whole).toBe('broken');
  });

  test('of a stream whose reader leaves is none', async () => {
    const { body, whole } = copyBody(new Readable({ read: () => undefined }), 10);
    (body as Readable).destroy();
    expect(await whole).toBe('broken');
  });

  test('of a stream that is too large is none, and the reader gets it all', async () => {
    const { body, whole } = copyBody(Readable.from([Buffer.alloc(8), Buffer.alloc(8)]), 10);
    expect((await buffer(body as Readable)).length).toBe(16);
    expect(await whole).toBe('larger');
  });

  test.each<[name: string, finish: (relay: Relay) => void, expected: string]>([
    ['comes to its end', (relay) => relay.end(), 'text'],
    ['breaks off', (relay) => relay.fail(new Error('broken')), 'broken'],
    ['is given up', (relay) => relay.cancel(), 'broken'],
    [
      'is too large',
      (relay) => {
        relay.push(Buffer.alloc(10));
        relay.end();
      },
      'larger',
    ],
  ])('of a relay that %s', async (_, finish, expected) => {
    const relay = relayOf();
    const { body, whole } = copyBody(relay, 10);
    expect(body).toBe(relay);
    relay.push(Buffer.from('te'));
    relay.pipe(SINK);
    relay.push(Buffer.from('xt'));
    finish(relay);
    expect(String(await whole)).toBe(expected);
  });
});

test('that a body is too large is known beforehand where its length is', () => {
  expect([isLarger('1234', 3), isLarger(Buffer.alloc(3), 3), isLarger(null, 0)]).toEqual([true, false, false]);
  expect([isLarger(relayOf(4), 3), isLarger(relayOf(3), 3), isLarger(relayOf(), 3)]).toEqual([true, false, false]);
});

test('a body is drained to its end, whatever that is', async () => {
  const relay = relayOf();
  const drained = drain(relay);
  relay.fail(new Error('broken'));
  await drained;
  await drain(Readable.from(['a']));
  await drain('text');
  await drain(null);
});

test('a discarded stream is closed, its failure told to nobody', async () => {
  const stream = new Readable({ read: () => undefined, destroy: (_, done) => done(new Error('broken')) });
  discard(stream);
  await new Promise((resolve) => stream.once('close', resolve));
  expect(stream.destroyed).toBe(true);
});
