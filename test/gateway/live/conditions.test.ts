import { describe, expect, test } from '@jest/globals';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { liveGateway, START, type LiveGateway } from './live-gateway.ts';

const words = ({ live }: LiveGateway): readonly string[] => live.read().conditions.map((condition) => condition.words);

test('a gateway that is well has no conditions', () => {
  const gateway = liveGateway();
  gateway.pass(20, () => gateway.cells.observeRequest(gateway.cells.requireRoute('search'), 200, 0.01));
  expect(words(gateway)).toEqual([]);
});

describe('a condition', () => {
  test('says which line a panel has crossed, by how much, and since when', () => {
    const gateway = liveGateway();
    gateway.pass(2);
    gateway.pass(2, () => gateway.cells.observeRequest(gateway.cells.requireRoute('readOrder'), 200, 2));
    expect(gateway.live.read().conditions).toEqual([
      {
        id: 'latency',
        grade: 'bad',
        words: 'Latency P99: 2.49 s is above 500 ms.',
        panel: 'latency',
        since: START + 10,
      },
    ]);
  });

  test.each<[what: string, cause: (cells: LiveGateway['cells']) => void, words: string, panel: string]>([
    [
      'a breaker that is not closed',
      (cells) => cells.gauge(METRICS.breakersOpen, { breaker: 'payment' })(2),
      'The breaker payment is not closed in 2 workers: what it guards fails, and is left alone.',
      'breakers',
    ],
    [
      'a lane that is full',
      (cells) => {
        cells.gauge(METRICS.laneInFlight, { lane: 'background' })(20);
        cells.gauge(METRICS.laneLimit, { lane: 'background' })(20);
      },
      'The lane background is full: whatever comes now waits.',
      'lanes',
    ],
    [
      'requests refused for want of room',
      (cells) => cells.tally(METRICS.shed)({ lane: 'background', reason: 'queue-full' }),
      '1 request of the lane background was refused for want of room in the last minute.',
      'shed',
    ],
    [
      'lines of the log that nobody takes',
      (cells) => cells.adder(METRICS.logDropped)(7),
      '7 lines of the log were dropped in the last minute: nobody takes them.',
      'log-dropped',
    ],
    [
      'a store that fails',
      (cells) => cells.adder(METRICS.storeErrors, { store: 'redis' })(3),
      '3 calls of redis failed in the last minute.',
      'store-errors',
    ],
    [
      'a store of limits that does not answer',
      (cells) => cells.adder(METRICS.limitDecisions, { decision: 'unchecked' })(2),
      '2 requests passed without their limits in the last minute: the store of limits did not answer.',
      'limit-decisions',
    ],
    [
      'answers that break off',
      (cells) => cells.adder(METRICS.streamsCut, { lane: 'critical' })(1),
      '1 answer of the lane critical broke off in the last minute.',
      'streams-cut',
    ],
    [
      'a pool that is too small',
      (cells) => cells.gauge(METRICS.poolWaiting, { lane: 'critical' })(4),
      '4 queries of the lane critical wait for a connection to Postgres.',
      'queues',
    ],
    [
      'little that the provider still admits',
      (cells) => {
        cells.gauge(METRICS.providerLimit, { model: 'sample', resource: 'tokens' })(1_000_000);
        cells.gauge(METRICS.providerRemaining, { model: 'sample', resource: 'tokens' })(50_000);
      },
      'Of the tokens that the provider of sample admits, 5 % is left.',
      'provider-limit',
    ],
  ])('tells of %s, and where to look', (_what, cause, expected, panel) => {
    const gateway = liveGateway();
    gateway.pass(2);
    cause(gateway.cells);
    gateway.pass(1);
    const { conditions } = gateway.live.read();
    expect(conditions.map((condition) => condition.words)).toEqual([expected]);
    expect(conditions[0]?.panel).toBe(panel);
  });

  test('tells of workers that are missing', () => {
    const gateway = liveGateway({ told: { workers: 3 } });
    gateway.pass(1);
    expect(words(gateway)).toEqual(['Only 2 workers of this pod can answer.']);
  });

  test.each([0, 0.004])(
    'of what happened ends a minute after it happened last, by a timer %d s late',
    (lateSeconds) => {
      const gateway = liveGateway({ lateSeconds });
      gateway.pass(2);
      gateway.cells.adder(METRICS.logDropped)(1);
      gateway.pass(12);
      expect(words(gateway)).toHaveLength(1);
      gateway.pass(1);
      expect(words(gateway)).toEqual([]);
    },
  );

  test('keeps the time when it began, and begins anew after it ended; what users notice comes first', () => {
    const gateway = liveGateway();
    const open = gateway.cells.gauge(METRICS.breakersOpen, { breaker: 'redis' });
    gateway.cells.gauge(METRICS.poolWaiting, { lane: 'critical' })(1);
    gateway.pass(1);
    open(1);
    gateway.pass(3);
    const sinceOf = () => gateway.live.read().conditions.map(({ id, since }) => [id, since]);
    expect(sinceOf()).toEqual([
      ['breaker/redis', START + 5],
      ['pool-waiting/critical', START],
    ]);
    open(0);
    gateway.pass(1);
    open(1);
    gateway.pass(1);
    expect(sinceOf()[0]).toEqual(['breaker/redis', START + 25]);
  });
});
