import { describe, expect, test } from '@jest/globals';
import { createAnswers } from '../../../service/gateway/live/answers.ts';
import type { LiveReply } from '../../../service/gateway/live/wire.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import { liveGateway, START } from './live-gateway.ts';

describe('the points of a panel', () => {
  test('of a gauge are what the gauge was at each snapshot', () => {
    const { cells, pass, live } = liveGateway();
    const set = cells.gauge(METRICS.laneQueued, { lane: 'background' });
    let waiting = 0;
    pass(3, () => set(waiting++));
    expect(live.read().points.queues?.[1]).toEqual([0, 1, 2]);
    expect(live.read().times).toEqual([START, START + 5, START + 10]);
  });

  test('of a rate look back 30 s and no farther', () => {
    const { cells, pass, latest } = liveGateway();
    const observe = (requests: number) => () => {
      for (let request = 0; request < requests; request++) cells.observeRequest(cells.requireRoute('search'), 200, 0.1);
    };
    pass(7, observe(50));
    expect(latest('request-rate').search).toBe(10);
    pass(3, observe(100));
    expect(latest('request-rate').search).toBe(15);
    pass(6, observe(0));
    expect(latest('request-rate').search).toBe(0);
  });

  test('of a rate have no number before there are two snapshots', () => {
    const { pass, latest } = liveGateway();
    pass(1);
    expect(latest('request-rate').search).toBeNull();
    pass(1);
    expect(latest('request-rate').search).toBe(0);
  });

  test('of a quantile lie in the bucket that holds the share', () => {
    const { cells, pass, latest } = liveGateway();
    pass(2, () => cells.observeRequest(cells.requireRoute('readOrder'), 200, 0.15));
    expect(latest('latency').P50).toBeCloseTo(0.15, 5);
    expect(latest('latency').P99).toBeCloseTo(0.199, 5);
  });

  test('of what is divided by nothing are no number', () => {
    const { pass, latest } = liveGateway();
    pass(2);
    expect(latest('cache-hit-ratio').hits).toBeNull();
  });

  test('are told exactly where they are whole', () => {
    const { cells, pass, latest } = liveGateway();
    cells.gauge(METRICS.residentMemory)(123_456_789);
    pass(1);
    expect(latest('memory')['pod-1']).toBe(123_456_789);
  });
});

describe('an answer', () => {
  test('to who has nothing tells everything, to who has something what is new', () => {
    const { pass, live } = liveGateway();
    pass(4);
    const all = live.read();
    expect(all.about).toMatchObject({ service: 'sluice', environment: 'dev', pod: 'pod-1', kept: 900, window: 30 });
    expect(all.times).toHaveLength(4);
    const news = live.read(START + 5);
    expect(news.about).toBeUndefined();
    expect(news.times).toEqual([START + 10, START + 15]);
    expect(news.points.latency).toHaveLength(3);
    expect(JSON.stringify(live.read(START + 10)).length).toBeLessThan(JSON.stringify(all).length / 3);
  });

  test('never holds more than fifteen minutes, however long the gateway runs', () => {
    const { pass, live } = liveGateway();
    pass(181);
    const { times, points } = live.read();
    expect(times).toHaveLength(180);
    expect(times[0]).toBe(START + 5);
    expect(Object.values(points).every((lines) => lines.every((line) => line.length === 180))).toBe(true);
    const size = JSON.stringify(live.read()).length;
    pass(360);
    expect(JSON.stringify(live.read()).length).toBeLessThan(size * 1.1);
  });

  test('is written once for all who ask within a second', async () => {
    const { pass, live } = liveGateway();
    pass(3);
    let read = 0;
    let clock = 0;
    const counted = { ...live, read: (since?: number) => (read++, live.read(since)) };
    const answers = createAnswers(counted, () => clock);
    const polls = await Promise.all(
      Array.from({ length: 10_000 }, (_, poll) => answers.read(START + (poll % 3) * 5, poll % 2 === 0)),
    );
    expect(new Set(polls).size).toBe(6);
    expect(read).toBe(3);
    clock = 1_000;
    await answers.read(undefined, false);
    expect(read).toBe(4);
  });

  test('tells each his own points where a snapshot comes between two who ask within a second', async () => {
    const { pass, live } = liveGateway();
    const answers = createAnswers(live, () => 0);
    const timesSince = async (since: number) =>
      (JSON.parse((await answers.read(since, false)).toString()) as LiveReply).times;
    pass(2);
    expect(await timesSince(START)).toEqual([START + 5]);
    pass(1);
    expect(await timesSince(START + 5)).toEqual([START + 10]);
    expect(await timesSince(START)).toEqual([START + 5, START + 10]);
  });
});

describe('a gateway', () => {
  test('tells its lanes, its breakers by the state in each worker, and what its limits refused', () => {
    const breaker = (state: 'closed' | 'open') => ({ name: 'payment', state, calls: 4, failures: 3 });
    const { cells, pass, live } = liveGateway({
      told: {
        breakers: () => [breaker('open'), breaker('closed')],
        limits: () => [{ limit: 'address', of: 'each address', rule: '100/min', shadow: false }],
      },
    });
    cells.gauge(METRICS.laneInFlight, { lane: 'critical' })(3);
    cells.gauge(METRICS.laneLimit, { lane: 'critical' })(40);
    const deny = cells.counter(METRICS.limitDenials, { limit: 'address' });
    pass(3, deny);
    const { state } = live.read();
    expect(state.lanes[0]).toEqual({ lane: 'critical', working: 3, limit: 40, waiting: 0 });
    expect(state.breakers).toEqual([{ name: 'payment', closed: 1, halfOpen: 0, open: 1, calls: 8, failures: 6 }]);
    expect(state.limits).toEqual([{ limit: 'address', of: 'each address', rule: '100/min', shadow: false, denied: 2 }]);
    expect(state).toMatchObject({ stage: 'ready', uptime: 15, logLevel: 'info', workers: { alive: 2, wanted: 2 } });
  });

  test.each([0, 0.004])('tells for a minute what a limit refused, by a timer %d s late', (lateSeconds) => {
    const limit = { limit: 'address', of: 'each address', rule: '100/min', shadow: false };
    const { cells, pass, live } = liveGateway({ lateSeconds, told: { limits: () => [limit] } });
    const deniedAfter = (snapshots: number) => (pass(snapshots), live.read().state.limits[0]?.denied);
    pass(2);
    cells.counter(METRICS.limitDenials, { limit: 'address' })();
    expect([deniedAfter(1), deniedAfter(11), deniedAfter(1)]).toEqual([1, 1, 0]);
  });
});
