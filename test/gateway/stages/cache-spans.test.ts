import { describe, expect, test } from '@jest/globals';
import { createMemorySharedTier, type SharedTier } from '../../../service/cache/index.ts';
import { definition } from '../../../service/definition/index.ts';
import { httpCache } from '../../../service/gateway/stages/http-cache.ts';
import type { Stage } from '../../../service/gateway/stage.ts';
import { Trace } from '../../../service/telemetry/trace/index.ts';
import { createShared, createTiers } from '../../cache/http/tiers.ts';
import { eventually } from '../../support/eventually.ts';
import { cachedStage, exchangeFor } from './cached.ts';

const ok = () => ({ status: 200, headers: [], body: Buffer.from('ok') });

/** The trace of a request that is answered, and certain to be kept. */
async function traceOf(stage: Stage): Promise<Trace> {
  const exchange = exchangeFor();
  const trace = new Trace(performance.now(), undefined, undefined, true);
  exchange.trace = trace;
  await stage(exchange);
  exchange.stopDeadline();
  exchange.end();
  return trace;
}

const stepsIn = ({ spans }: Trace) => spans.map(({ name, attributes }) => [name, ...attributes]);
const stepsOf = async (stage: Stage) => stepsIn(await traceOf(stage));

describe('a look-up beyond the memory of the process is one step', () => {
  function shared(): SharedTier {
    return createMemorySharedTier({ maxBytes: 1 << 20, now: () => 1_000_000 });
  }

  test('of the level that had the answer', async () => {
    const tier = shared();
    const [one, other] = [cachedStage(ok, tier), cachedStage(ok, tier)];
    await one.see();
    other.clock.now += 10;
    expect(await stepsOf(other.stage)).toEqual([['cache', 'sluice.cache', 'l2']]);
    expect(await stepsOf(other.stage)).toEqual([['cache', 'sluice.cache', 'l1']]);
  });

  test('that is a miss where what was found is of no use', async () => {
    const tier = shared();
    const [one, other] = [cachedStage(ok, tier), cachedStage(ok, tier)];
    await one.see();
    other.clock.now += 10;
    await other.see();
    // What is fetched anew is over sooner than what it takes the place of.
    one.clock.now += 301_000;
    await one.see({ route: { cacheFor: '5s' } });
    await eventually(() => expect(one.told).toContain('refreshed'));
    other.clock.now = one.clock.now + 9_000;
    const trace = await traceOf(other.stage);
    await eventually(() => expect(trace.spans.every(({ endedAt }) => !Number.isNaN(endedAt))).toBe(true));
    expect(stepsIn(trace)).toEqual([
      ['cache', 'sluice.cache', 'miss'],
      ['cache', 'sluice.cache', 'l1'],
    ]);
  });
});

describe('a look-up of an HTTP cache beyond the memory of the process is one step', () => {
  /** On a clock that a test sets, before an origin whose answers are fresh for a minute. */
  function stage(clock: { now: number }, tier: SharedTier) {
    const events: string[] = [];
    const answer = httpCache({
      tiers: createTiers(() => clock.now, tier),
      name: 'sluice',
      origin: () => ({ ...ok(), headers: ['cache-control', 'max-age=60', 'etag', '"a"'] }),
      settings: definition.dev.cache,
      onLookup: () => undefined,
      onEvent: (event) => events.push(event),
      now: () => clock.now,
    });
    return { answer, events };
  }

  test('of the level that had the answer', async () => {
    const clock = { now: 1_000_000 };
    const tier = createShared(() => clock.now);
    const [one, other] = [stage(clock, tier), stage(clock, tier)];
    expect(await stepsOf(one.answer)).toEqual([['cache', 'sluice.cache', 'miss']]);
    await eventually(() => expect(one.events).toContain('stored'));
    expect(await stepsOf(other.answer)).toEqual([['cache', 'sluice.cache', 'l2']]);
    expect(await stepsOf(other.answer)).toEqual([['cache', 'sluice.cache', 'l1']]);
  });

  test('that is a miss where the origin has to be asked about what was found', async () => {
    const clock = { now: 1_000_000 };
    const { answer, events } = stage(
      clock,
      createShared(() => clock.now),
    );
    await stepsOf(answer);
    await eventually(() => expect(events).toContain('stored'));
    clock.now += 120_000;
    expect(await stepsOf(answer)).toEqual([['cache', 'sluice.cache', 'miss']]);
  });
});
