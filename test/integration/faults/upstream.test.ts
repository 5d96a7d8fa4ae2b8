import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { answer, startOrigin, type Origin, type Script } from '../../gateway/origin.ts';
import { eventually } from '../../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { ask } from '../../support/gateway.ts';
import { startProgram, timed, type GatewayProgram } from '../../support/program.ts';

const FAILURES = 3;
const OPEN_MS = 1_000;
const ATTEMPT_MS = 300;
/** The longest that a route takes to answer, on a busy machine. */
const BOUND_MS = 4_000;
const AT_ONCE_MS = 250;
const KEPT_FOR_MS = 1_000;
const BODY = JSON.stringify({ results: ['a', 'b', 'c'] });
const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`;

const answers: Script = (socket) => void socket.write(answer(BODY, undefined, ['content-type: application/json']));
const saysNothing: Script = () => undefined;
const halfAHeader: Script = (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-le');
const resetsInBody: Script = (socket) => void socket.write(HEAD + BODY.slice(0, 5), () => socket.resetAndDestroy());
const headByteByByte: Script = (socket) => dribble(socket, HEAD);
const bodyByteByByte: Script = (socket) => {
  socket.write(HEAD);
  dribble(socket, BODY);
};

function dribble(socket: Parameters<Script>[0], text: string): void {
  let sent = 0;
  const timer = setInterval(() => socket.writable && socket.write(text[sent++] ?? ''), 100);
  socket.once('close', () => clearInterval(timer));
}

describe('while the upstream fails', () => {
  let script: Script = answers;
  let origin: Origin;
  let proxy: FaultProxy;
  let gateway: GatewayProgram;
  let asked = 0;

  beforeAll(async () => {
    origin = await startOrigin((...request) => script(...request));
    proxy = await startFaultProxy(origin.port);
    gateway = await startProgram({
      values: [
        'limits.address=100000/s',
        'limits.global.bucket.capacity=1000000',
        'routes.search.limit=100000/s',
        `routes.search.cacheFor=${KEPT_FOR_MS}ms`,
        'routes.search.timeout=2s',
        'cache.earlyRefresh=0',
        `upstream.attemptTimeout=${ATTEMPT_MS}ms`,
        'upstream.backoff=20ms',
        `resilience.breakers.upstream.open=${OPEN_MS}ms`,
        `resilience.breakers.upstream.consecutiveFailures=${FAILURES}`,
        // Failures in a row alone are to open it here.
        'resilience.breakers.upstream.minimumCalls=100000',
      ],
      // One worker: what its breaker does is then what every request meets.
      variables: { UPSTREAM_ORIGIN: `http://127.0.0.1:${proxy.port}`, WORKERS: '1' },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await proxy.close();
    origin.close();
  });
  afterEach(async () => {
    script = answers;
    proxy.set({ kind: 'none' });
    await isWell();
    expect(await gateway.metric('gateway_worker_restarts_total')).toBe(0);
    expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
  });

  const get = (q: string) => timed(() => ask(gateway.port, 'GET', `/v1/search?q=${encodeURIComponent(q)}`));
  /** A search that no cache holds. */
  const search = () => get(`new ${asked++}`);
  const openBreakers = () => gateway.metric('gateway_breakers_open', 'breaker="upstream-critical"');
  async function isWell(): Promise<void> {
    await eventually(async () => {
      expect(await search()).toMatchObject({ status: 200, text: BODY });
      expect(await openBreakers()).toBe(0);
      expect(await gateway.metric('http_server_active_requests')).toBe(0);
    });
  }

  test.each<[string, () => void]>([
    ['refuses connections', () => proxy.set({ kind: 'refuse' })],
    ['resets connections', () => proxy.set({ kind: 'reset' })],
    ['is a black hole', () => proxy.set({ kind: 'black-hole' })],
    ['says nothing', () => void (script = saysNothing)],
    ['sends half a header', () => void (script = halfAHeader)],
    ['sends its header byte by byte', () => void (script = headByteByByte)],
  ])('and %s, it is left alone, kept answers are given, and it is asked again', async (name, breakIt) => {
    expect(await get(name)).toMatchObject({ status: 200, headers: { 'x-cache': 'MISS' } });
    await eventually(async () => expect((await get(name)).headers['x-cache']).toBe('HIT'));
    const calls = origin.heads.length;
    breakIt();

    // Each fails within its time; after so many attempts nothing is tried any more.
    const failed = await eventually(async () => {
      const answered = await search();
      expect(answered.ms).toBeLessThan(BOUND_MS);
      expect([502, 503, 504]).toContain(answered.status);
      expect(answered.text).toContain('upstream-unavailable');
      return answered;
    });
    expect(failed).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^[12]$/) } });
    expect(origin.heads.length - calls).toBeLessThanOrEqual(FAILURES);
    const refused = await Promise.all(Array.from({ length: 10 }, search));
    for (const { status, text, ms } of refused) {
      expect([status, text]).toEqual([503, expect.stringContaining('upstream-unavailable')]);
      expect(ms).toBeLessThan(AT_ONCE_MS);
    }
    expect(origin.heads.length - calls).toBeLessThanOrEqual(FAILURES);
    await eventually(async () => expect(await openBreakers()).toBe(1), OPEN_MS - 100);

    await eventually(async () => expect((await get(name)).headers['x-cache']).toBe('STALE'), 3_000);
    const kept = await get(name);
    expect(kept).toMatchObject({ status: 200, text: BODY, headers: { 'x-cache': 'STALE' } });
    expect(kept.ms).toBeLessThan(AT_ONCE_MS);

    script = answers;
    proxy.set({ kind: 'none' });
    await isWell();
    await eventually(async () => expect((await get(name)).headers['x-cache']).toBe('HIT'));
  });

  test.each<[string, Script]>([
    ['resets in the middle of a body', resetsInBody],
    ['sends a body byte by byte', bodyByteByByte],
  ])('and %s, nothing of that is kept, and nobody waits past the time', async (name, broken) => {
    script = broken;
    const answered = await get(name);
    expect([502, 504]).toContain(answered.status);
    expect(answered.ms).toBeLessThan(BOUND_MS);
    // Whoever is told that it failed is told so without a part of it.
    expect(answered.text).not.toContain('results');
    await eventually(() => expect(origin.open()).toBe(0));
    script = answers;
    await eventually(async () => {
      const whole = await get(name);
      expect(whole).toMatchObject({ status: 200, text: BODY });
      expect(whole.headers['x-cache']).toBe('MISS');
    });
  });

  test('one probe at a time finds out whether it works again', async () => {
    script = saysNothing;
    await eventually(async () => expect((await search()).status).toBe(503));
    const calls = origin.heads.length;
    const flood = await eventually(async () => {
      const answered = await Promise.all(Array.from({ length: 20 }, search));
      expect(origin.heads.length).toBeGreaterThan(calls);
      return answered;
    });
    expect(origin.heads.length).toBe(calls + 1);
    expect(flood.filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(19);
    await eventually(async () => expect(await openBreakers()).toBe(1));
  });

  test('what is tried again is a share of what is asked, however much fails', async () => {
    // The first attempt of two in three requests fails, so that failures in a row never open the breaker.
    const attempts = new Map<string, number>();
    const target = (head: string): string => head.split(' ')[1] ?? '';
    script = (socket, head, nth) => {
      const nthAttempt = (attempts.get(target(head)) ?? 0) + 1;
      attempts.set(target(head), nthAttempt);
      const fails = nthAttempt === 1 && /retry\+\d+/.test(target(head)) && !/[0369]$/.test(target(head));
      if (fails) socket.write(answer('', 'HTTP/1.1 500 Broken'));
      else answers(socket, head, nth);
    };
    const before = origin.heads.length;
    const requests = 300;
    for (let request = 0; request < requests; request++) await get(`retry ${request}`);
    const retries = origin.heads.length - before - attempts.size;
    expect(retries).toBeGreaterThan(5);
    // A fifth of the requests of ten seconds, and one for each of these seconds.
    expect(retries).toBeLessThanOrEqual(10 + 0.2 * asked + 0.2 * requests);
  });
});

describe('while the upstream is slow', () => {
  const CALLING = 8;
  const held: Parameters<Script>[0][] = [];
  let origin: Origin;
  let gateway: GatewayProgram;

  beforeAll(async () => {
    origin = await startOrigin((socket) => void held.push(socket));
    gateway = await startProgram({
      values: [
        ...['limits.address=100000/s', 'limits.global.bucket.capacity=1000000', 'routes.search.limit=100000/s'],
        ...['resilience.concurrency=fixed', 'resilience.maxInFlight=40'],
        ...['resilience.lanes.critical.concurrency=10', `resilience.lanes.critical.upstream=${10 * CALLING}%`],
        ...['resilience.lanes.critical.queue=40', 'resilience.lanes.critical.maxWait=20s'],
      ],
      variables: { UPSTREAM_ORIGIN: origin.url, WORKERS: '1' },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    origin.close();
  });

  test('requests that need none are served, though as many wait for it as the pod takes in', async () => {
    let over = false;
    const flood = Array.from({ length: 60 }, (_, index) => ask(gateway.port, 'GET', `/v1/search?q=slow+${index}`));
    const searches = Promise.all(flood).finally(() => (over = true));
    await eventually(async () => {
      expect(held).toHaveLength(CALLING);
      expect(await gateway.metric('gateway_lane_queued', 'lane="critical"')).toBe(40 - CALLING - 2);
    });
    // What no route answers needs a place like any other, and no upstream.
    const others = [];
    for (let request = 0; request < 50; request++) others.push((await ask(gateway.port, 'GET', '/nothing')).status);
    expect(new Set(others)).toEqual(new Set([404]));
    expect([over, held.length]).toEqual([false, CALLING]);

    const answering = eventually(() => {
      for (const socket of held.splice(0)) answers(socket, '', 0);
      expect(over).toBe(true);
    }, 20_000);
    const statuses = (await searches).map(({ status }) => status);
    await answering;
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(CALLING);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });
});
