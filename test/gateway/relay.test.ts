import { text } from 'node:stream/consumers';
import { describe, expect, jest, test } from '@jest/globals';
import { Relay, type RelaySink } from '../../service/gateway/relay.ts';

const bytes = (content: string): Buffer => Buffer.from(content);

function createRelay(length?: number) {
  const source = { pause: jest.fn(), resume: jest.fn(), abort: jest.fn() };
  return { source, relay: new Relay(source, length) };
}

function createSink(ready = true) {
  const told: string[] = [];
  const sink: RelaySink = {
    write: (chunk) => (told.push(String(chunk)), ready),
    end: () => told.push('end'),
    fail: (error) => told.push(error.message),
  };
  return { told, sink };
}

describe('a body that is still arriving', () => {
  test('is whole once all of it has come and nobody has taken it', () => {
    const { relay } = createRelay();
    relay.push(bytes('a'));
    expect(relay.whole).toBeUndefined();
    relay.push(bytes('b'));
    relay.end();
    expect(String(relay.whole)).toBe('ab');
    relay.pipe(createSink().sink);
    expect(relay.whole).toBeUndefined();
  });

  test('is empty and whole when nothing came', () => {
    const { relay } = createRelay(0);
    relay.end();
    expect(relay.whole).toEqual(Buffer.alloc(0));
  });

  test('is never whole when it broke off', () => {
    const { relay } = createRelay();
    relay.push(bytes('a'));
    relay.fail(new Error('broke'));
    relay.end();
    expect(relay.whole).toBeUndefined();
  });

  test('gives what has come and then what comes', () => {
    const { relay } = createRelay();
    const { told, sink } = createSink();
    relay.push(bytes('a'));
    relay.pipe(sink);
    relay.push(bytes('b'));
    relay.end();
    relay.push(bytes('late'));
    expect(told).toEqual(['a', 'b', 'end']);
  });

  test('tells who takes it that it broke off, before or after', () => {
    for (const early of [true, false]) {
      const { relay } = createRelay();
      const { told, sink } = createSink();
      if (early) relay.fail(new Error('broke'));
      relay.pipe(sink);
      relay.fail(new Error('broke'));
      expect(told).toEqual(['broke']);
    }
  });

  test('is taken once', () => {
    const { relay } = createRelay();
    relay.pipe(createSink().sink);
    expect(() => relay.pipe(createSink().sink)).toThrow('taken');
    expect(() => relay.tap({ ...createSink().sink, write: () => undefined })).toThrow('taken');
  });

  test('keeps its source waiting while nobody takes it, and while who does asks for no more', () => {
    const { relay, source } = createRelay();
    relay.push(Buffer.alloc(65_535));
    expect(source.pause).not.toHaveBeenCalled();
    relay.push(Buffer.alloc(1));
    expect(source.pause).toHaveBeenCalledTimes(1);
    relay.pipe(createSink(true).sink);
    expect(source.resume).toHaveBeenCalledTimes(1);

    const slow = createRelay();
    slow.relay.pipe(createSink(false).sink);
    slow.relay.push(bytes('a'));
    expect(slow.source.pause).toHaveBeenCalledTimes(1);
    slow.relay.resume();
    expect(slow.source.resume).toHaveBeenCalledTimes(2);
  });

  test('that nobody wants any more ends its source, and who looks on hears of it', () => {
    const { relay, source } = createRelay();
    const { told, sink } = createSink();
    relay.tap({ ...sink, write: () => undefined });
    relay.cancel(new Error('enough'));
    relay.cancel();
    expect(source.abort).toHaveBeenCalledTimes(1);
    expect(told).toEqual(['enough']);
  });

  test('is discarded to its end when little is left, and cut off when much is', () => {
    const little = createRelay();
    little.relay.discard();
    little.relay.push(Buffer.alloc(65_536));
    expect(little.source.abort).not.toHaveBeenCalled();
    little.relay.push(Buffer.alloc(1));
    expect(little.source.abort).toHaveBeenCalledTimes(1);

    const much = createRelay(65_537);
    much.relay.discard();
    expect(much.source.abort).toHaveBeenCalledTimes(1);
  });
});

describe('who collects a body', () => {
  test('has all of it', async () => {
    const { relay } = createRelay();
    relay.push(bytes('a'));
    const all = relay.collect(2);
    relay.push(bytes('b'));
    relay.end();
    expect(String(await all)).toBe('ab');
  });

  test('has nothing of one that is too large, and ends its source', async () => {
    const { relay, source } = createRelay();
    const all = relay.collect(1);
    relay.push(bytes('ab'));
    expect(await all).toBeUndefined();
    expect(source.abort).toHaveBeenCalledTimes(1);
  });

  test('fails with it', async () => {
    const { relay } = createRelay();
    const all = relay.collect(1);
    relay.fail(new Error('broke'));
    await expect(all).rejects.toThrow('broke');
  });

  test('piece by piece sets the pace', async () => {
    const { relay, source } = createRelay();
    relay.push(bytes('a'));
    const all = text(relay);
    await Promise.resolve();
    expect(source.pause).toHaveBeenCalled();
    relay.push(bytes('b'));
    relay.end();
    expect(await all).toBe('ab');
    expect(source.abort).not.toHaveBeenCalled();
  });

  test('piece by piece ends the source by leaving', async () => {
    const { relay, source } = createRelay();
    relay.push(bytes('a'));
    for await (const chunk of relay) {
      expect(String(chunk)).toBe('a');
      break;
    }
    expect(source.abort).toHaveBeenCalledTimes(1);
  });

  test('piece by piece fails with it, after what had come', async () => {
    const { relay } = createRelay();
    relay.push(bytes('a'));
    relay.fail(new Error('broke'));
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of relay) seen.push(String(chunk));
    };
    await expect(read()).rejects.toThrow('broke');
    expect(seen).toEqual(['a']);
  });
});

describe('who copies a body', () => {
  test('has what somebody else takes, whole', async () => {
    const { relay } = createRelay();
    relay.push(bytes('a'));
    const copy = relay.copy(2);
    relay.pipe(createSink(false).sink);
    relay.push(bytes('b'));
    relay.end();
    expect(String(await copy)).toBe('ab');
  });

  test('has one that was whole before', async () => {
    const { relay } = createRelay();
    relay.push(bytes('a'));
    relay.end();
    expect(String(await relay.copy(1))).toBe('a');
    expect(String(relay.whole)).toBe('a');
  });

  test.each<[what: string, end: (relay: Relay) => void]>([
    ['broke off', (relay) => relay.fail(new Error('broke'))],
    ['was given up', (relay) => relay.cancel()],
    ['is too large', (relay) => relay.push(bytes('abc'))],
  ])('has nothing of one that %s', async (_what, end) => {
    const { relay } = createRelay();
    const copy = relay.copy(2);
    relay.pipe(createSink().sink);
    relay.push(bytes('a'));
    end(relay);
    expect(await copy).toBeUndefined();
  });

  test('does not begin where the announced length is too large', async () => {
    const { relay } = createRelay(3);
    expect(await relay.copy(2)).toBeUndefined();
  });
});
