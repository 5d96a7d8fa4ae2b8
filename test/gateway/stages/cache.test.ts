import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { createMemorySharedTier } from '../../../service/cache/index.ts';
import { Problem } from '../../../service/gateway/problem.ts';
import { Relay } from '../../../service/gateway/relay.ts';
import { json, type Reply } from '../../../service/gateway/reply.ts';
import { eventually } from '../../support/eventually.ts';
import { cachedStage, exchangeFor, gatedOrigin, leave } from './cached.ts';

const text = (body: string, status = 200, headers: readonly string[] = []): Reply => ({ status, headers, body });
const counting = (answers: (call: number) => Reply | Promise<Reply>) => {
  const origin = Object.assign(() => answers(++origin.calls), { calls: 0 });
  return origin;
};
const ALICE = { id: 'user:alice', kind: 'session', owner: 'alice' } as const;
const BOB = { id: 'user:bob', kind: 'session', owner: 'bob' } as const;

describe('a cached route', () => {
  test('is asked once; then the answer is a hit, at once, with its age and what is left of it', async () => {
    const origin = counting((call) => text(`answer ${call}`, 200, ['content-type', 'text/plain']));
    const { see, begin, clock, told } = cachedStage(origin);
    expect(await see()).toMatchObject({
      body: 'answer 1',
      headers: { 'x-cache': 'MISS', 'cache-status': 'sluice; fwd=miss; stored' },
    });
    clock.now += 61_500;
    expect(begin().step).not.toBeInstanceOf(Promise);
    expect(await see()).toEqual({
      status: 200,
      body: 'answer 1',
      headers: { 'content-type': 'text/plain', 'x-cache': 'HIT', 'cache-status': 'sluice; hit; ttl=239', age: '61' },
    });
    expect(origin.calls).toBe(1);
    expect(told).toEqual(['miss', 'hit', 'hit']);
  });

  test('counts the age of a hit on, second by second', async () => {
    const { see, clock } = cachedStage(counting(() => text('x')));
    await see();
    const ages = [];
    for (const step of [0, 999, 1, 999, 1]) {
      clock.now += step;
      ages.push((await see()).headers.age);
    }
    expect(ages).toEqual(['0', '0', '1', '1', '2']);
  });

  test('keeps answers to different queries apart', async () => {
    const { see } = cachedStage(counting((call) => text(String(call))));
    expect([await see({ q: 'a' }), await see({ q: 'b' }), await see({ q: 'a' })].map(({ body }) => body)).toEqual([
      '1',
      '2',
      '1',
    ]);
  });

  test('that the definition gives no lifetime is asked each time', () => {
    const origin = counting((call) => text(String(call)));
    const { kept, stage } = cachedStage(origin);
    const plain = (): unknown => {
      const exchange = exchangeFor();
      Object.assign(exchange, { route: { ...exchange.route, cacheFor: undefined } });
      return stage(exchange);
    };
    expect([plain(), plain()]).toEqual([text('1'), text('2')]);
    expect(kept.tiers.stats.entries).toBe(0);
  });

  test('finds what another process has kept, as a hit', async () => {
    const shared = createMemorySharedTier({ maxBytes: 1 << 20, now: () => 1_000_000 });
    const one = cachedStage(
      counting(() => text('kept')),
      shared,
    );
    const other = cachedStage(
      counting(() => text('fetched')),
      shared,
    );
    await one.see();
    other.clock.now += 10;
    expect(await other.see()).toMatchObject({ body: 'kept', headers: { 'x-cache': 'HIT' } });
    expect(other.told).toEqual(['hit']);
  });

  test('forgets with its tag', async () => {
    const origin = counting((call) => text(String(call)));
    const { see, kept } = cachedStage(origin);
    await see();
    await kept.tiers.invalidate({ tags: ['results'] });
    expect((await see()).body).toBe('2');
  });

  test('keeps a 404 for a few seconds, returned or thrown, and nothing longer', async () => {
    for (const origin of [
      counting(() => json(404, {})),
      counting(() => {
        throw new Problem('order-not-found');
      }),
    ]) {
      const { see, clock, told } = cachedStage(origin);
      expect((await see()).status).toBe(404);
      expect(await see()).toMatchObject({ status: 404, headers: { 'x-cache': 'HIT' } });
      expect(told).toEqual(['miss', 'hit', 'negative']);
      clock.now += 5_000;
      expect((await see()).headers['x-cache']).toBe('MISS');
      expect(origin.calls).toBe(2);
    }
  });

  test.each([429, 500, 503, 206])('never keeps a %i', async (status) => {
    const origin = counting(() => text('x', status));
    const { see } = cachedStage(origin);
    await see();
    expect((await see()).headers['x-cache']).toBe('MISS');
    expect(origin.calls).toBe(2);
  });
});

describe('a body that is still arriving', () => {
  const relay = (length: number): Relay =>
    new Relay({ pause: () => undefined, resume: () => undefined, abort: () => undefined }, length);

  test('is kept when it says its length and comes whole', async () => {
    const body = relay(5);
    const { see } = cachedStage(counting(() => ({ status: 200, headers: [], body })));
    const first = see();
    body.push(Buffer.from('wh'));
    await new Promise((resolve) => setImmediate(resolve));
    body.push(Buffer.from('ole'));
    body.end();
    expect(await first).toMatchObject({ body: 'whole', headers: { 'cache-status': 'sluice; fwd=miss; stored' } });
    expect((await see()).headers['x-cache']).toBe('HIT');
  });

  test('is never kept when it breaks off', async () => {
    const body = relay(4);
    const { see, kept } = cachedStage(
      counting((call) => (call === 1 ? { status: 200, headers: [], body } : text('again'))),
    );
    const first = see();
    body.push(Buffer.from('wh'));
    body.fail(new Error('reset'));
    await expect(first).rejects.toThrow('reset');
    expect(kept.tiers.stats.entries).toBe(0);
    expect((await see()).body).toBe('again');
  });

  test('without a length is passed on as it is, to its asker alone', async () => {
    const origin = counting((call) => ({ status: 200, headers: [], body: Readable.from([`part ${call}`]) }));
    const { begin, told, kept } = cachedStage(origin);
    const [first, second] = [begin(), begin()];
    const bodies = (await Promise.all([first.step, second.step])).map((reply) => reply?.body);
    expect(bodies[0]).toBeInstanceOf(Readable);
    expect(bodies[1]).toBeInstanceOf(Readable);
    expect(bodies[0]).not.toBe(bodies[1]);
    expect(told).toEqual(['miss', 'bypass']);
    for (const { exchange } of [first, second]) {
      exchange.stopDeadline();
      exchange.end();
    }
    expect(kept.tiers.stats.entries).toBe(0);
  });
});

describe('tenants', () => {
  test('share a route for everyone, whose origin sees neither who asks nor a credential', async () => {
    const origins: { owner: string | undefined; headers: unknown; search: string }[] = [];
    const { see } = cachedStage((exchange) => {
      origins.push({ owner: exchange.caller.owner, headers: exchange.request.headers, search: exchange.search });
      return text('shared');
    });
    const headers = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'k', 'accept-language': 'de' };
    await see({ caller: ALICE, headers });
    expect(await see({ caller: BOB })).toMatchObject({ body: 'shared', headers: { 'x-cache': 'HIT' } });
    expect(origins).toEqual([{ owner: undefined, headers: { 'accept-language': 'de' }, search: 'q=a' }]);
  });

  test('never share a route that requires credentials', async () => {
    const { see } = cachedStage((exchange) => text(`for ${exchange.caller.owner ?? 'nobody'}`));
    const route = { auth: 'required' } as const;
    expect((await see({ caller: ALICE, route })).body).toBe('for alice');
    expect((await see({ caller: BOB, route })).body).toBe('for bob');
    expect(await see({ caller: ALICE, route })).toMatchObject({ body: 'for alice', headers: { 'x-cache': 'HIT' } });
  });

  test('never share an answer that is private or sets a cookie, not even while they wait', async () => {
    for (const headers of [
      ['set-cookie', 'a=b'],
      ['cache-control', 'private'],
    ]) {
      const origin = counting((call) => text(String(call), 200, headers));
      const { see } = cachedStage(origin);
      const answers = await Promise.all([see({ caller: ALICE }), see({ caller: BOB })]);
      expect(answers.map(({ body }) => body)).toEqual(['1', '2']);
    }
  });

  test('see nothing of a query that no schema describes', async () => {
    const { see } = cachedStage((exchange) => text(`[${exchange.search}]`));
    const route = { query: undefined } as never;
    expect((await see({ route })).body).toBe('[]');
  });
});

describe('an answer that is past its end', () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  test('is given at once and fetched anew behind it', async () => {
    const { see, clock, told } = cachedStage(counting((call) => text(String(call))));
    await see();
    clock.now += 301_000;
    expect(await see()).toMatchObject({
      body: '1',
      headers: { 'x-cache': 'STALE', 'cache-status': 'sluice; hit; ttl=-1', age: '301' },
    });
    await eventually(async () => expect(await see()).toMatchObject({ body: '2', headers: { 'x-cache': 'HIT' } }));
    expect(told.filter((what) => what === 'refreshed')).toHaveLength(1);
  });

  test('is given while the origin fails, which is asked once a second, until it is too old', async () => {
    const origin = counting((call) => {
      if (call > 1) throw new Problem('upstream-failed');
      return text('1');
    });
    const { see, clock, errors } = cachedStage(origin);
    await see();
    clock.now += 300_000;
    for (let time = 0; time < 5; time++) {
      expect((await see()).headers['x-cache']).toBe('STALE');
      await settle();
    }
    expect(origin.calls).toBe(2);
    clock.now += 1_000;
    await see();
    await settle();
    expect(origin.calls).toBe(3);
    expect(errors).toHaveLength(2);
    clock.now += 59_000;
    await expect(see()).rejects.toThrow();
  });

  test('is forgotten when the origin says that it is no more', async () => {
    const { see, clock } = cachedStage(counting((call) => text(String(call), call === 1 ? 200 : 410)));
    await see();
    clock.now += 300_000;
    expect((await see()).headers['x-cache']).toBe('STALE');
    await eventually(async () => expect((await see()).status).toBe(410));
  });
});

describe('an answer near its end', () => {
  test('is fetched early, once, in the background, by chance', async () => {
    const { calls, origin } = gatedOrigin();
    const { begin, see, clock, told } = cachedStage(origin);
    const first = see();
    await eventually(() => expect(calls).toHaveLength(1));
    clock.now += 2_000;
    calls[0]?.answer(text('1'));
    await first;
    clock.now += 295_000;
    clock.random = 0.2;
    expect((await see()).headers['x-cache']).toBe('HIT');
    expect(calls).toHaveLength(1);
    clock.random = 0.01;
    for (let time = 0; time < 10; time++) expect(begin().step).toMatchObject({ body: Buffer.from('1') });
    await eventually(() => expect(calls).toHaveLength(2));
    calls[1]?.answer(text('2'));
    await eventually(async () => expect((await see()).body).toBe('2'));
    expect(calls).toHaveLength(2);
    expect(told).toContain('refreshed');
  });
});

describe('requests for the same at the same time', () => {
  test('are one fetch', async () => {
    const { calls, origin } = gatedOrigin();
    const { see, told } = cachedStage(origin);
    const answers = Array.from({ length: 50 }, () => see());
    await eventually(() => expect(calls).toHaveLength(1));
    calls[0]?.answer(text('x'));
    const statuses = (await Promise.all(answers)).map(({ headers }) => headers['cache-status']);
    expect(statuses.filter((status) => status === 'sluice; fwd=miss; stored')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'sluice; fwd=miss; collapsed')).toHaveLength(49);
    expect(told.filter((what) => what === 'collapsed')).toHaveLength(49);
  });

  test('that share a refusal for want of room were each refused', async () => {
    const { origin, calls } = gatedOrigin();
    const { begin } = cachedStage(origin);
    const asked = [begin(), begin(), begin()];
    await eventually(() => expect(calls).toHaveLength(1));
    calls[0]?.answer({ status: 503, headers: [], body: 'full', shed: 'queue-full' });
    const replies = await Promise.all(asked.map(async ({ step }) => await step));
    expect(replies.map((reply) => reply?.shed)).toEqual(['queue-full', 'queue-full', 'queue-full']);
    for (const { exchange } of asked) exchange.end();
  });

  test('share a failure, which nobody who comes later sees', async () => {
    const { calls, origin } = gatedOrigin();
    const { see } = cachedStage(origin);
    const answers = Array.from({ length: 50 }, () => see());
    await eventually(() => expect(calls).toHaveLength(1));
    calls[0]?.fail(new Problem('upstream-failed'));
    const results = await Promise.allSettled(answers);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    const later = see();
    await eventually(() => expect(calls).toHaveLength(2));
    calls[1]?.answer(text('x'));
    expect((await later).body).toBe('x');
  });

  test('go on when the client that began leaves, and the origin is told when the last one has', async () => {
    const { calls, origin } = gatedOrigin();
    const { begin, see } = cachedStage(origin);
    const [first, second] = [begin(), begin()];
    const outcomes = [first, second].map(({ step }) =>
      Promise.resolve(step).then(
        () => 'answered',
        () => 'left',
      ),
    );
    await eventually(() => expect(calls).toHaveLength(1));
    leave(first.exchange);
    expect(await outcomes[0]).toBe('left');
    expect(calls[0]?.exchange.signal.aborted).toBe(false);
    leave(second.exchange);
    expect(await outcomes[1]).toBe('left');
    expect(calls[0]?.exchange.signal.aborted).toBe(true);
    const third = see();
    await eventually(() => expect(calls).toHaveLength(2));
    calls[1]?.answer(text('x'));
    expect((await third).body).toBe('x');
  });

  test('wait no longer than their route may take, even for an origin that heeds nothing', async () => {
    const { see, kept } = cachedStage(() => new Promise(() => undefined));
    await expect(see({ route: { timeout: '50ms' } })).rejects.toThrow('The route took too long');
    await eventually(() => expect(kept.flights.size).toBe(0));
  });

  test('give back what the origin took, when it is done and not before', async () => {
    let held = 0;
    const { calls, origin } = gatedOrigin();
    const { begin, see } = cachedStage((exchange) => {
      held++;
      exchange.atEnd(() => held--);
      return origin(exchange);
    });
    const { exchange, step } = begin();
    const staying = see();
    await eventually(() => expect(calls).toHaveLength(1));
    leave(exchange);
    await expect(Promise.resolve(step)).rejects.toThrow();
    exchange.end();
    expect(held).toBe(1);
    calls[0]?.answer(text('x'));
    await staying;
    expect(held).toBe(0);
  });
});
