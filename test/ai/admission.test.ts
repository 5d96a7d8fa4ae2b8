import { describe, expect, test } from '@jest/globals';
import { createAdmission, type Admitted, type Refused } from '../../service/ai/admission.ts';
import type { Caller } from '../../service/gateway/exchange.ts';
import { createMemoryLimits } from '../../service/limit/index.ts';
import { eventually } from '../support/eventually.ts';
import { aiSettings, firstOffer, model, offersOf } from './ai-settings.ts';

const ada: Caller = { id: 'key:ada', kind: 'key', owner: 'ada' };
const pro: Caller = { id: 'key:pro', kind: 'key', owner: 'bob', tier: 'pro' };
const nobody: Caller = { id: '192.0.2.1', kind: 'address' };

/** Admission to a model of so many requests and tokens a minute; `clock` moves the limits alone. */
function setUp(requests: number, tokens: number, settings: object = {}) {
  const ai = aiSettings({
    providers: {
      p: {
        models: { m: model(requests, tokens, { inputPrice: 1, outputPrice: 2 }) },
        firstToken: '1s',
        betweenTokens: '1s',
      },
    },
    ...settings,
  });
  const clock = { now: 1_000_000 };
  const now = (): number => clock.now;
  const store = createMemoryLimits({ trackedCallers: 100, now });
  const admission = createAdmission({ ai, store, lapseMs: 60_000, tiers: ['pro'] });
  const offer = firstOffer(offersOf(ai), 'm');
  const ask = (
    input: number,
    output: number,
    { caller = ada, mayWaitMs = 0, signal = new AbortController().signal } = {},
  ): Promise<Admitted | Refused> => admission.ask({ caller, offer, expected: { input, output }, mayWaitMs, signal });
  return { ask, clock };
}

const settleWith = (answer: Admitted | Refused, used: object | undefined): void => {
  if (!answer.admitted) throw new Error(`refused by ${answer.limit}`);
  answer.settle(used);
};

describe('a request', () => {
  test('takes a request and the tokens that it may use, and gives back those that it did not', async () => {
    const { ask } = setUp(10, 100);
    const first = await ask(20, 60);
    expect(first).toMatchObject({ admitted: true });
    expect(await ask(20, 10)).toMatchObject({ admitted: false, by: 'tokens', limit: 'tokens:p/m' });
    settleWith(first, { input: 15, output: 5 });
    expect(await ask(20, 60)).toMatchObject({ admitted: true });
  });

  test('is told what is left as providers do', async () => {
    const { ask } = setUp(10, 100);
    const { headers } = (await ask(20, 60)) as Admitted;
    expect(
      Object.fromEntries(headers.flatMap((name, place) => (place % 2 === 0 ? [[name, headers[place + 1]]] : []))),
    ).toEqual({
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '9',
      'x-ratelimit-reset-requests': '60s',
      'x-ratelimit-limit-tokens': '100',
      'x-ratelimit-remaining-tokens': '20',
      'x-ratelimit-reset-tokens': expect.stringMatching(/^6[01]s$/),
    });
  });

  test('does not count what the provider had in its cache', async () => {
    const { ask } = setUp(10, 100);
    settleWith(await ask(90, 10), { input: 90, output: 5, cached: 80 });
    expect(await ask(85, 0)).toMatchObject({ admitted: true });
  });

  test('of more than the limit takes all of it, and passes when nothing else is asked', async () => {
    const { ask } = setUp(10, 100);
    const large = await ask(50, 500);
    expect(large).toMatchObject({ admitted: true });
    expect(await ask(1, 1)).toMatchObject({ admitted: false });
    settleWith(large, { input: 50, output: 10 });
    expect(await ask(30, 10)).toMatchObject({ admitted: true });
  });

  test('that failed has used nothing, and may be told so twice', async () => {
    const { ask } = setUp(10, 100);
    const failed = await ask(50, 50);
    settleWith(failed, {});
    settleWith(failed, { input: 50 });
    expect(await ask(50, 50)).toMatchObject({ admitted: true });
  });

  test('is refused by the number of requests, with the time until there is room', async () => {
    const { ask } = setUp(2, 1_000);
    await ask(1, 1);
    await ask(1, 1);
    const refused = await ask(1, 1);
    expect(refused).toMatchObject({ admitted: false, by: 'requests' });
    expect((refused as Refused).waitMs).toBeGreaterThan(59_000);
  });
});

describe('a caller', () => {
  const settings = { tokens: { address: '10/min', key: '50/min', tiers: { pro: '80/min' } }, budgets: { tiers: {} } };

  test.each<[who: string, caller: Caller, tokens: number]>([
    ['without a key', nobody, 10],
    ['with a key', ada, 50],
    ['with a key of a tier', pro, 80],
    ['with a key of a tier that is not known', { ...pro, id: 'key:x', tier: 'gold' }, 50],
  ])('%s has tokens of its own', async (_who, caller, tokens) => {
    const { ask } = setUp(100, 1_000, settings);
    settleWith(await ask(tokens - 1, 1, { caller }), { input: tokens });
    expect(await ask(1, 0, { caller })).toMatchObject({ admitted: false, by: 'caller-tokens' });
    expect(await ask(1, 0, { caller: { ...caller, id: 'another' } as Caller })).toMatchObject({ admitted: true });
  });

  test('may spend what its budget has, by what was used', async () => {
    const budgets = { key: 0.001, tiers: {} };
    const { ask } = setUp(100, 1_000_000, { budgets });
    // A dollar for a million tokens of questions, two for those of answers.
    const first = await ask(100, 400);
    settleWith(first, { input: 100, output: 100 });
    expect(await ask(0, 350)).toMatchObject({ admitted: true });
    expect(await ask(100, 0, { mayWaitMs: 60_000 })).toMatchObject({
      admitted: false,
      by: 'budget',
      limit: 'budget:key',
    });
    expect(await ask(100, 400, { caller: pro })).toMatchObject({ admitted: true });
  });

  test('who watches releases has no bound of its own', async () => {
    const { ask } = setUp(100, 1_000, settings);
    expect(await ask(500, 400, { caller: { id: 'probe', kind: 'probe' } })).toMatchObject({ admitted: true });
  });
});

describe('who may wait', () => {
  /** A window of a second, so that the wait is a real one. */
  const short = { requests: '100/s', tokens: '100/s' };
  const providers = { p: { models: { m: model(1, 1, short) } } };
  const real = () => {
    const ai = aiSettings({ providers, queue: { length: 3, maxWait: '5s' } });
    const admission = createAdmission({
      ai,
      store: createMemoryLimits({ trackedCallers: 100 }),
      lapseMs: 60_000,
      tiers: [],
    });
    const offer = firstOffer(offersOf(ai), 'm');
    return (tokens: number, mayWaitMs: number, signal = new AbortController().signal) =>
      admission.ask({ caller: ada, offer, expected: { input: tokens, output: 0 }, mayWaitMs, signal });
  };

  test('is let through when there is room, in the order of coming', async () => {
    const ask = real();
    await ask(100, 0);
    const order: string[] = [];
    const waiting = ['large', 'small', 'last'].map(async (name) => {
      const answer = await ask(name === 'large' ? 90 : 5, 4_000);
      order.push(name);
      return answer.admitted;
    });
    expect(await Promise.all(waiting)).toEqual([true, true, true]);
    expect(order).toEqual(['large', 'small', 'last']);
  });

  test('and would wait for too long is told at once', async () => {
    const ask = real();
    await ask(100, 0);
    const startedAt = performance.now();
    expect(await ask(50, 200)).toMatchObject({ admitted: false, by: 'tokens' });
    expect(performance.now() - startedAt).toBeLessThan(150);
  });

  test('finds no place where as many wait as may', async () => {
    const ask = real();
    await ask(100, 0);
    const waiting = [1, 2, 3].map(() => ask(10, 4_000));
    await eventually(async () => expect(await ask(10, 4_000)).toMatchObject({ admitted: false, by: 'queue' }));
    expect((await Promise.all(waiting)).every(({ admitted }) => admitted)).toBe(true);
  });

  test('and leaves gives its place to the next', async () => {
    const ask = real();
    await ask(100, 0);
    const leaving = new AbortController();
    const first = ask(90, 4_000, leaving.signal);
    const second = ask(10, 4_000);
    leaving.abort(new DOMException('The client left', 'AbortError'));
    await expect(first).rejects.toThrow('The client left');
    expect(await second).toMatchObject({ admitted: true });
  });

  test('for a limit of its own holds up nobody else', async () => {
    const wide = { p: { models: { m: model(1_000_000, 1_000_000) } } };
    const ai = aiSettings({
      providers: wide,
      tokens: { key: '100/s', tiers: {} },
      queue: { length: 3, maxWait: '5s' },
    });
    const store = createMemoryLimits({ trackedCallers: 100 });
    const admission = createAdmission({ ai, store, lapseMs: 60_000, tiers: [] });
    const offer = firstOffer(offersOf(ai), 'm');
    const { signal } = new AbortController();
    const ask = (caller: Caller, input: number, mayWaitMs: number) =>
      admission.ask({ caller, offer, expected: { input, output: 0 }, mayWaitMs, signal });
    await ask(ada, 100, 0);
    let isServed = false;
    const waiting = ask(ada, 50, 4_000).then((answer) => {
      isServed = true;
      return answer;
    });
    // One more of the same caller stands behind it.
    await eventually(async () => expect(await ask(ada, 10, 0)).toMatchObject({ admitted: false }));

    expect(await ask(pro, 50, 0)).toMatchObject({ admitted: true });
    expect(isServed).toBe(false);
    expect(await waiting).toMatchObject({ admitted: true });
  });
});
