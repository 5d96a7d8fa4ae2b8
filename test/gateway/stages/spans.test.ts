import { afterEach, describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../../service/definition/index.ts';
import { createMemoryLimits } from '../../../service/limit/index.ts';
import { createLanes } from '../../../service/resilience/index.ts';
import { Trace } from '../../../service/telemetry/trace/index.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, startGateway, type TestGateway } from '../../support/gateway.ts';

const ANSWER = { status: 200, headers: [], body: Buffer.from('ok') };

/** A gateway whose traces are kept here, by the ids of their requests; all of them are certain to be kept. */
async function traced(
  handler: () => Promise<typeof ANSWER>,
  settings: readonly string[] = [],
  options: Parameters<typeof startGateway>[1] = {},
) {
  const traces: Trace[] = [];
  const service = withValues(definition.dev, ['limits.address=1000/min', 'resilience.concurrency=fixed', ...settings]);
  const gateway = await startGateway(
    { search: handler },
    {
      service,
      lanes: createLanes({ settings: service.resilience }),
      ...options,
      tracer: {
        begin(_headers, startedAt) {
          const trace = new Trace(startedAt, undefined, undefined, true);
          traces.push(trace);
          return trace;
        },
        end: () => undefined,
      },
    },
  );
  const stepsOf = (index: number) =>
    (traces[index]?.spans ?? []).map(({ name, attributes, failure }) => [name, ...attributes, failure]);
  return { gateway, traces, stepsOf, search: (q: string) => ask(gateway.port, 'GET', `/v1/search?q=${q}`) };
}

describe('the steps of a request', () => {
  const gateways: TestGateway[] = [];
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close();
  });

  test('are the limits and the look-up in the cache; a hit looks no further than memory', async () => {
    const { gateway, stepsOf, search } = await traced(() => Promise.resolve(ANSWER));
    gateways.push(gateway);
    await search('a');
    await search('a');
    expect(stepsOf(0)).toEqual([
      ['limit', 'sluice.decision', 'allowed', undefined],
      ['cache', 'sluice.cache', 'miss', undefined],
    ]);
    expect(stepsOf(1)).toEqual([
      ['limit', 'sluice.decision', 'allowed', undefined],
      ['cache', 'sluice.cache', 'l1', undefined],
    ]);
  });

  test('tell what limits elsewhere decided, once they have', async () => {
    const memory = createMemoryLimits({ trackedCallers: 10 });
    const { gateway, stepsOf, search } = await traced(() => Promise.resolve(ANSWER), ['routes.search.limit=1/min'], {
      limitStore: { take: (caller, policies) => Promise.resolve(memory.take(caller, policies)) },
    });
    gateways.push(gateway);
    expect([(await search('a')).status, (await search('b')).status]).toEqual([200, 429]);
    expect(stepsOf(0)[0]).toEqual(['limit', 'sluice.decision', 'allowed', undefined]);
    expect(stepsOf(1)).toEqual([['limit', 'sluice.decision', 'denied', undefined]]);
  });

  test('are the wait for a place in the lane, and the wait for what another fetches', async () => {
    const waiting: (() => void)[] = [];
    const { gateway, traces, stepsOf, search } = await traced(
      () => new Promise((resolve) => waiting.push(() => resolve(ANSWER))),
      ['resilience.lanes.critical.concurrency=1', 'resilience.minConcurrency=1'],
    );
    gateways.push(gateway);
    const first = search('a');
    await eventually(() => expect(waiting).toHaveLength(1));
    const others = [search('b'), search('a')];
    await eventually(() => expect(traces).toHaveLength(3));
    await eventually(() => expect(traces.flatMap(({ spans }) => spans.map(({ name }) => name))).toContain('queue'));
    waiting[0]?.();
    await first;
    await eventually(() => expect(waiting).toHaveLength(2));
    waiting[1]?.();
    await Promise.all(others);

    const all = [0, 1, 2].flatMap(stepsOf);
    expect(all.filter(([name]) => name === 'queue')).toEqual([['queue', 'sluice.lane', 'critical', undefined]]);
    expect(all).toContainEqual(['cache', 'sluice.cache', 'collapsed', undefined]);
    for (const { spans } of traces)
      for (const { startedAt, endedAt } of spans) expect(endedAt).toBeGreaterThanOrEqual(startedAt);
  });

  test('tell why no place was given', async () => {
    const waiting: (() => void)[] = [];
    const { gateway, stepsOf, search } = await traced(
      () => new Promise((resolve) => waiting.push(() => resolve(ANSWER))),
      [
        'resilience.lanes.critical.concurrency=1',
        'resilience.minConcurrency=1',
        'resilience.lanes.critical.maxWait=50ms',
      ],
    );
    gateways.push(gateway);
    const first = search('a');
    await eventually(() => expect(waiting).toHaveLength(1));
    expect((await search('b')).status).toBe(503);
    expect(stepsOf(1)).toContainEqual(['queue', 'sluice.lane', 'critical', 'max-wait']);
    waiting[0]?.();
    await first;
  });
});
