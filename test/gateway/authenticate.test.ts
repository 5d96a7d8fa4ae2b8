import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { authenticate, type CredentialFinder } from '../../service/gateway/stages/authenticate.ts';
import type { Exchange } from '../../service/gateway/exchange.ts';
import type { KeyHolder } from '../../service/gateway/known-keys.ts';
import { Problem } from '../../service/gateway/problem.ts';
import { exchangeFor, leave, type ExchangeInit } from '../app/exchange.ts';

const keyOf = (name: string): string => `slu_${createHash('sha256').update(name).digest('base64url')}`;
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const bearer = (text: string): ExchangeInit => ({ headers: { authorization: `Bearer ${text}` } });

/** The stage in front of these keys and sessions, with a clock that the test moves and a count of look-ups. */
function stageFor(
  { keys = {}, sessions = {} }: { keys?: Record<string, KeyHolder>; sessions?: Record<string, string> } = {},
  options: {
    cookies?: boolean;
    credentials?: Partial<CredentialFinder>;
    keysBelievedForMs?: number;
    ignoresUnknown?: boolean;
  } = {},
) {
  const clock = { time: 1_000_000 };
  const asked: string[] = [];
  const holders = new Map(Object.entries(keys).map(([name, holder]) => [hashOf(keyOf(name)), holder]));
  const credentials: CredentialFinder = {
    key: (hash) => (asked.push(hash), Promise.resolve(holders.get(hash))),
    session: (token) => (asked.push(token), Promise.resolve(sessions[token])),
    ...options.credentials,
  };
  const { cookies = false, keysBelievedForMs = 0, ignoresUnknown = false } = options;
  const told: number[] = [];
  const stage = authenticate({
    credentials,
    cookies,
    keysBelievedForMs,
    ignoresUnknown,
    onKeysBelieved: (lookUps) => told.push(lookUps),
    now: () => clock.time,
  });
  return {
    clock,
    asked,
    told,
    holders,
    /** The exchange of a request to a route after the stage, and whether the stage had to wait. */
    async pass(init: ExchangeInit = {}, id = 'readSession'): Promise<{ exchange: Exchange; waited: boolean }> {
      const exchange = exchangeFor(id, () => ({ status: 200, headers: [], body: null }), init);
      const step = stage(exchange);
      const waited = step instanceof Promise;
      try {
        expect(await step).toBeUndefined();
      } finally {
        exchange.stopDeadline();
      }
      return { exchange, waited };
    },
  };
}

const codeOf = ({ exchange }: { exchange: Exchange }): string | undefined => exchange.refusal?.code;

describe('authenticate', () => {
  describe('where unknown credentials are ignored', () => {
    const { pass } = stageFor({ keys: { known: { owner: 'ada' } } }, { ignoresUnknown: true });

    test('a route of models takes any key of nobody for none, and one of somebody for that one', async () => {
      for (const text of [keyOf('nobody'), 'sk-whatever', 'My API Key']) {
        const asked = await pass(bearer(text), 'chat');
        expect(codeOf(asked)).toBeUndefined();
        expect(asked.exchange.caller.kind).toBe('address');
      }
      expect((await pass(bearer(keyOf('known')), 'chat')).exchange.caller.kind).toBe('key');
    });

    test('every other route refuses it', async () => {
      expect(codeOf(await pass(bearer(keyOf('nobody')), 'search'))).toBe('authentication-failed');
      expect(codeOf(await pass(bearer('sk-whatever'), 'readSession'))).toBe('authentication-failed');
    });
  });

  describe('without a credential', () => {
    test.each([
      ['192.0.2.1', '192.0.2.1'],
      ['2001:db8:1:12ff::9', '2001:db8:1:1200::/56'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
    ])('the caller %s is %s', async (clientAddress, id) => {
      const passed = await stageFor().pass({ clientAddress }, 'search');
      expect(passed.exchange.caller).toEqual({ id, kind: 'address' });
      expect(codeOf(passed)).toBeUndefined();
      expect(passed.waited).toBe(false);
    });

    test('a caller is refused where one is required, after what the limits charge to the address', async () => {
      const passed = await stageFor().pass();
      expect(codeOf(passed)).toBe('authentication-required');
      expect(passed.exchange.caller).toEqual({ id: '192.0.2.1', kind: 'address' });
    });
  });

  describe('with a key', () => {
    const ada = { owner: 'ada', tier: 'pro' };

    test('the caller is the key with its owner and tier', async () => {
      const { pass } = stageFor({ keys: { ada, plain: { owner: 'bob' } } });
      const id = `key:${hashOf(keyOf('ada'))}`;

      expect((await pass(bearer(keyOf('ada')))).exchange.caller).toEqual({ id, kind: 'key', ...ada });
      const header = await pass({ headers: { 'x-api-key': keyOf('plain') } });
      expect(header.exchange.caller).toEqual({ id: `key:${hashOf(keyOf('plain'))}`, kind: 'key', owner: 'bob' });
      expect(codeOf(header)).toBeUndefined();
    });

    test('a key that was found is believed for 30 s, at once', async () => {
      const { pass, asked, clock, holders } = stageFor({ keys: { ada } });
      await pass(bearer(keyOf('ada')));
      holders.clear();
      clock.time += 29_999;

      const again = await pass(bearer(keyOf('ada')));
      expect([codeOf(again), again.waited, asked.length]).toEqual([undefined, false, 1]);
      clock.time += 1;
      expect(codeOf(await pass(bearer(keyOf('ada'))))).toBe('authentication-failed');
    });

    test('a key that was not found is refused for 5 s without another look-up, and found no later than that', async () => {
      const { pass, asked, clock, holders } = stageFor();
      expect(codeOf(await pass(bearer(keyOf('new'))))).toBe('authentication-failed');
      holders.set(hashOf(keyOf('new')), ada);
      clock.time += 4_999;

      for (let request = 0; request < 100; request++) {
        const again = await pass(bearer(keyOf('new')));
        expect([codeOf(again), again.waited]).toEqual(['authentication-failed', false]);
      }
      expect(asked).toHaveLength(1);
      clock.time += 1;
      expect((await pass(bearer(keyOf('new')))).exchange.caller.owner).toBe('ada');
    });

    test('many requests with one key at once share a look-up', async () => {
      const { pass, asked } = stageFor({ keys: { ada } });
      const keys = Array.from({ length: 100 }, (_, index) => keyOf(index % 2 === 0 ? 'ada' : 'wrong'));

      const passed = await Promise.all(keys.map((key) => pass(bearer(key))));

      expect(passed.map(codeOf)).toEqual(
        keys.map((key) => (key === keyOf('ada') ? undefined : 'authentication-failed')),
      );
      expect(asked).toHaveLength(2);
    });

    test('a look-up that fails is told to all who share it and not remembered', async () => {
      let failing = true;
      const key = (): Promise<KeyHolder> => (failing ? Promise.reject(new Error('no answer')) : Promise.resolve(ada));
      const { pass } = stageFor({}, { credentials: { key } });

      const ends = await Promise.allSettled([pass(bearer(keyOf('ada'))), pass(bearer(keyOf('ada')))]);
      expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      failing = false;
      expect((await pass(bearer(keyOf('ada')))).exchange.caller.owner).toBe('ada');
    });

    describe('while the table of keys cannot be asked', () => {
      const MINUTE = 60_000;
      const unavailable = (): Problem => new Problem('store-unavailable');

      /** The stage in front of a table that knows ada until the test says otherwise. */
      function stageOf(keysBelievedForMs = 15 * MINUTE, holder: KeyHolder = ada) {
        const table = {
          find: (): Promise<KeyHolder | undefined> => Promise.resolve(holder),
          asked: [] as number[],
        };
        const key = (_hash: string, timeoutMs: number) => (table.asked.push(timeoutMs), table.find());
        const made = stageFor({}, { keysBelievedForMs, credentials: { key } });
        const fail = (error: Error) => (table.find = () => Promise.reject(error));
        return { ...made, table, fail, ask: () => made.pass(bearer(keyOf('ada'))) };
      }

      test('a key that it knew is believed for the time that is set, and asked for again every 5 s, not for long', async () => {
        const { ask, clock, fail, table } = stageOf();
        await ask();
        fail(unavailable());
        clock.time += 30_000;
        expect((await ask()).exchange.caller).toMatchObject({ kind: 'key', ...ada });
        clock.time += 4_999;
        expect((await ask()).waited).toBe(false);
        clock.time += 1;
        expect((await ask()).waited).toBe(true);
        expect(table.asked).toEqual([5_000, 1_000, 1_000]);
        clock.time = 1_000_000 + 15 * MINUTE - 1;
        expect((await ask()).exchange.caller.owner).toBe('ada');
        clock.time += 1;
        await expect(ask()).rejects.toMatchObject({ code: 'store-unavailable' });
      });

      test('as soon as it answers that there is no such key any more, that counts, and is not forgotten', async () => {
        const { ask, clock, fail, table } = stageOf();
        await ask();
        fail(unavailable());
        clock.time += 30_000;
        await ask();
        table.find = () => Promise.resolve(undefined);
        clock.time += 5_000;
        expect(codeOf(await ask())).toBe('authentication-failed');
        fail(unavailable());
        clock.time += 5_000;
        await expect(ask()).rejects.toMatchObject({ code: 'store-unavailable' });
      });

      test('a key is not believed beyond its end', async () => {
        const { ask, clock, fail } = stageOf(15 * MINUTE, { ...ada, expiresAt: new Date(1_000_000 + MINUTE) });
        await ask();
        fail(unavailable());
        clock.time += MINUTE - 1;
        expect((await ask()).exchange.caller).toEqual(expect.not.objectContaining({ expiresAt: expect.anything() }));
        clock.time += 1;
        await expect(ask()).rejects.toMatchObject({ code: 'store-unavailable' });
      });

      test('a key that it was never asked for is not believed, nor any where that is switched off', async () => {
        const never = stageOf();
        never.fail(unavailable());
        await expect(never.ask()).rejects.toMatchObject({ code: 'store-unavailable' });
        const off = stageOf(0);
        await off.ask();
        off.fail(unavailable());
        off.clock.time += 30_000;
        await expect(off.ask()).rejects.toMatchObject({ code: 'store-unavailable' });
      });

      test('what it says of a statement is an answer, and believed as such; silence is none', async () => {
        const { ask, clock, fail } = stageOf();
        await ask();
        clock.time += 30_000;
        fail(new Error('relation "api_keys" does not exist'));
        await expect(ask()).rejects.toThrow('does not exist');
        fail(new DOMException('too late', 'TimeoutError'));
        expect((await ask()).exchange.caller.owner).toBe('ada');
      });

      test('that it happens is told at once and then each minute, with how often', async () => {
        const { ask, clock, fail, told } = stageOf();
        await ask();
        fail(unavailable());
        clock.time += 30_000;
        for (let look = 0; look < 13; look++) {
          await ask();
          clock.time += 5_000;
        }
        expect(told).toEqual([1, 12]);
      });
    });

    test('a request that ends does not wait for the look-up, and does not end it for others', async () => {
      let answer: (holder: KeyHolder) => void = () => undefined;
      const key = (): Promise<KeyHolder> => new Promise((resolve) => (answer = resolve));
      const stage = authenticate({ credentials: { key, session: () => Promise.resolve(undefined) } });
      const [one, two] = [1, 2].map(() =>
        exchangeFor('readSession', () => ({ status: 200, headers: [], body: null }), bearer(keyOf('ada'))),
      );
      if (!one || !two) throw new Error('there are two');
      const [first, second] = [stage(one), stage(two)];

      leave(one);
      await expect(first).rejects.toMatchObject({ name: 'AbortError' });
      answer(ada);
      await second;

      expect(two.caller.owner).toBe('ada');
      two.stopDeadline();
    });

    test.each(['slu_', 'slu_short', `${keyOf('a')}x`, `slu_${'.'.repeat(43)}`, `slu_${'a'.repeat(10_000)}`])(
      'what cannot be a key is refused without a look-up',
      async (key) => {
        const { pass, asked } = stageFor();
        expect(codeOf(await pass(bearer(key)))).toBe('authentication-failed');
        expect(asked).toEqual([]);
      },
    );

    test('an address that guesses keys is kept from the table, others and known keys are not', async () => {
      const { pass, asked, clock } = stageFor({ keys: { ada, bob: { owner: 'bob' } } });
      const from = (clientAddress: string, key: string) => pass({ ...bearer(key), clientAddress });
      await from('192.0.2.66', keyOf('ada'));
      for (let guess = 0; guess < 20; guess++) await from('192.0.2.66', keyOf(`guess ${guess}`));
      const before = asked.length;

      const refused = await from('192.0.2.66', keyOf('one more'));
      expect(codeOf(refused)).toBe('limit-exceeded');
      expect(refused.exchange.refusal?.details.headers).toEqual(['retry-after', '5']);
      expect(asked).toHaveLength(before);
      expect((await from('192.0.2.66', keyOf('ada'))).exchange.caller.owner).toBe('ada');
      expect((await from('192.0.2.7', keyOf('bob'))).exchange.caller.owner).toBe('bob');
      clock.time += 5_000;
      expect(codeOf(await from('192.0.2.66', keyOf('one more')))).toBe('authentication-failed');
    });

    test('a flood of wrong keys from many addresses makes no right one forgotten', async () => {
      const { pass, asked } = stageFor({ keys: { ada } });
      await pass(bearer(keyOf('ada')));
      for (let guess = 0; guess < 11_000; guess++)
        await pass({ ...bearer(keyOf(`guess ${guess}`)), clientAddress: `10.0.${guess >> 8}.${guess & 255}` });
      const before = asked.length;

      expect((await pass(bearer(keyOf('ada')))).waited).toBe(false);
      expect(asked).toHaveLength(before);
    });
  });

  describe('with the token of a session', () => {
    test('the caller is the user, whatever the session', async () => {
      const { pass } = stageFor({ sessions: { one: 'ada', two: 'ada' } });
      const caller = { id: 'user:ada', kind: 'session', owner: 'ada' };
      for (const token of ['one', 'two']) expect((await pass(bearer(token))).exchange.caller).toEqual(caller);
    });

    test('each request looks it up, so that one that is ended is worth nothing at once', async () => {
      const sessions: Record<string, string> = { one: 'ada' };
      const { pass, asked } = stageFor({ sessions });
      await pass(bearer('one'));
      await pass(bearer('one'));
      delete sessions.one;

      expect(codeOf(await pass(bearer('one')))).toBe('authentication-failed');
      expect(asked).toHaveLength(3);
    });

    test.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer a, Bearer b', 'one'])(
      'an Authorization of %j is refused',
      async (authorization) => {
        const { pass, asked } = stageFor({ sessions: { one: 'ada' } });
        expect(codeOf(await pass({ headers: { authorization } }, 'search'))).toBe('authentication-failed');
        expect(asked).toEqual([]);
      },
    );
  });

  describe('with the cookie of a session', () => {
    const cookie = '__Host-session=one';
    const sessions = { one: 'ada' };
    const fromHere = { cookie, 'sec-fetch-site': 'same-origin' };
    const fromElsewhere = { cookie, 'sec-fetch-site': 'cross-site' };

    test('a cookie is not looked at where the service has none', async () => {
      const { pass, asked } = stageFor({ sessions });
      expect(codeOf(await pass({ headers: fromHere }))).toBe('authentication-required');
      expect(asked).toEqual([]);
    });

    test('the caller is its user', async () => {
      const { pass } = stageFor({ sessions }, { cookies: true });
      for (const id of ['readSession', 'endSession', 'createOrder'])
        expect((await pass({ headers: fromHere }, id)).exchange.caller.owner).toBe('ada');
    });

    test('a request from another site may read with it and change nothing', async () => {
      const { pass } = stageFor({ sessions }, { cookies: true });

      expect((await pass({ headers: fromElsewhere }, 'readSession')).exchange.caller.owner).toBe('ada');
      for (const id of ['endSession', 'createOrder', 'updateSession']) {
        const passed = await pass({ headers: fromElsewhere }, id);
        expect(codeOf(passed)).toBe('cross-site');
        expect(passed.exchange.caller.kind).toBe('address');
      }
    });

    test('one that is over, or may not be used, keeps nobody from logging in again', async () => {
      const { pass } = stageFor({ sessions }, { cookies: true });
      for (const headers of [{ ...fromHere, cookie: '__Host-session=old' }, fromElsewhere]) {
        const passed = await pass({ headers }, 'login');
        expect([codeOf(passed), passed.exchange.caller.kind]).toEqual([undefined, 'address']);
      }
      const over = await pass({ headers: { ...fromHere, cookie: '__Host-session=old' } });
      expect(codeOf(over)).toBe('authentication-failed');
    });

    test('an Authorization counts before it, and it is never taken for a key', async () => {
      const { pass, asked } = stageFor({ sessions: { ...sessions, two: 'bob' } }, { cookies: true });

      expect((await pass({ headers: { ...fromHere, authorization: 'Bearer two' } })).exchange.caller.owner).toBe('bob');
      await pass({ headers: { ...fromHere, cookie: `__Host-session=${keyOf('ada')}` } });
      expect(asked).toEqual(['two', keyOf('ada')]);
    });
  });
});
