import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Lane } from '../../../service/definition/index.ts';
import type { Handler } from '../../../service/gateway/exchange.ts';
import { Problem } from '../../../service/gateway/problem.ts';
import { Relay } from '../../../service/gateway/relay.ts';
import type { Reply } from '../../../service/gateway/reply.ts';
import type { Stage, Step } from '../../../service/gateway/stage.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { startLanedGateway, type LanedGateway, type LanedOptions } from './laned-gateway.ts';

let gateway: LanedGateway | undefined;
const start = async (handlers: Readonly<Record<string, Handler>>, options?: LanedOptions) =>
  (gateway = await startLanedGateway(handlers, options));
afterEach(() => gateway?.close());

/** A handler that answers when the test says so. */
function gate(answer: Reply = { status: 200, headers: [], body: 'done' }) {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const gated = { begun: 0, open, handler: () => (gated.begun++, opened.then(() => answer)) };
  return gated;
}

const holds = (laned: LanedGateway, lane: Lane) => laned.lanes.measure().lanes[lane];
const many = (count: number, port: number, method: string, path: string) =>
  Array.from({ length: count }, () => ask(port, method, path));
const isFree = (laned: LanedGateway) =>
  eventually(() =>
    expect(laned.lanes.measure()).toMatchObject({
      inFlight: 0,
      streams: 0,
      lanes: { critical: { working: 0, waiting: 0 }, background: { working: 0, waiting: 0 } },
    }),
  );
/** Sends a request and leaves the connection to the test. */
const open = (port: number, path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      resolve(socket);
    });
    socket.on('error', reject);
  });

describe('requests', () => {
  test('past 200 in flight are refused with the time to wait, and nobody else is', async () => {
    const gated = gate();
    const laned = await start({ createOrder: gated.handler });
    const answers = many(200, laned.port, 'POST', '/create-order');
    await eventually(() => expect(laned.lanes.measure().inFlight).toBe(200));
    const refused = await ask(laned.port, 'POST', '/create-order');
    expect(refused).toMatchObject({ status: 503, headers: { 'content-type': 'application/problem+json' } });
    expect(refused.headers['retry-after']).toMatch(/^([1-9]|[12]\d|30)$/);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'overloaded', retry: true });
    expect(laned.outcomes.map(({ shed }) => shed)).toEqual(['in-flight']);
    gated.open();
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    await isFree(laned);
  });

  test('of a flood of slow background work keep no critical one waiting', async () => {
    const [gated, quick] = [gate(), gate()];
    const laned = await start({ readLogs: gated.handler, createOrder: quick.handler });
    const flood = many(150, laned.port, 'GET', '/logs');
    await eventually(() => expect(holds(laned, 'background')).toMatchObject({ working: 40, waiting: 40 }));
    const answers = many(50, laned.port, 'POST', '/create-order');
    await eventually(() => expect(quick.begun).toBe(50));
    quick.open();
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(gated.begun).toBe(40);
    gated.open();
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(80);
    expect(statuses.filter((status) => status === 503)).toHaveLength(70);
    await isFree(laned);
  });

  test('that wait for a slow upstream keep nobody waiting who needs none, however many come', async () => {
    const [slow, quick] = [gate(), gate()];
    const laned = await start({ search: slow.handler, createOrder: quick.handler });
    const flood = Array.from({ length: 250 }, (_, index) => ask(laned.port, 'GET', `/v1/search?q=${index}`));
    await eventually(() => expect(laned.lanes.measure()).toMatchObject({ inFlight: 200 - 32 }));
    expect(slow.begun).toBe(128);
    const answers = many(32, laned.port, 'POST', '/create-order');
    await eventually(() => expect(quick.begun).toBe(32));
    quick.open();
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    slow.open();
    await Promise.all(flood);
    await isFree(laned);
  });

  test('of the background are the first to be refused', async () => {
    const gated = gate();
    const values = ['resilience.maxInFlight=10', 'resilience.lanes.critical.concurrency=10'];
    const laned = await start({ createOrder: gated.handler }, { values });
    const answers = many(8, laned.port, 'POST', '/create-order');
    await eventually(() => expect(gated.begun).toBe(8));
    expect((await ask(laned.port, 'GET', '/logs')).status).toBe(503);
    expect((await ask(laned.port, 'GET', '/v1/search')).status).toBe(200);
    gated.open();
    await Promise.all(answers);
  });

  test.each([
    ['oldest', [200, 503, 200]],
    ['newest', [200, 200, 503]],
  ])('that wait are dropped by policy: the %s', async (drop, expected) => {
    const gated = gate();
    const values = ['concurrency=1', 'queue=1', `drop=${drop}`].map((value) => `resilience.lanes.background.${value}`);
    const laned = await start({ readLogs: gated.handler }, { values });
    const first = ask(laned.port, 'GET', '/logs');
    await eventually(() => expect(holds(laned, 'background').working).toBe(1));
    const second = ask(laned.port, 'GET', '/logs');
    await eventually(() => expect(holds(laned, 'background').waiting).toBe(1));
    const third = ask(laned.port, 'GET', '/logs');
    await (drop === 'oldest' ? second : third);
    gated.open();
    expect((await Promise.all([first, second, third])).map(({ status }) => status)).toEqual(expected);
  });

  test('whose client leaves the queue free its place at once, and are never worked on', async () => {
    const gated = gate();
    const laned = await start({ readLogs: gated.handler }, { values: ['resilience.lanes.background.concurrency=1'] });
    const first = ask(laned.port, 'GET', '/logs');
    await eventually(() => expect(gated.begun).toBe(1));
    const socket = await open(laned.port, '/logs');
    await eventually(() => expect(holds(laned, 'background').waiting).toBe(1));
    socket.destroy();
    await eventually(() => expect(holds(laned, 'background').waiting).toBe(0));
    await eventually(() => expect(laned.outcomes[0]?.status).toBe(499));
    gated.open();
    await first;
    expect(gated.begun).toBe(1);
  });

  test('whose time is over while they wait are answered 504', async () => {
    const gated = gate();
    const values = ['resilience.lanes.background.concurrency=1', 'routes.readLogs.timeout=50ms'];
    const laned = await start({ writeLogs: gated.handler }, { values });
    const first = ask(laned.port, 'POST', '/logs');
    await eventually(() => expect(gated.begun).toBe(1));
    expect((await ask(laned.port, 'GET', '/logs')).status).toBe(504);
    expect(holds(laned, 'background').waiting).toBe(0);
    gated.open();
    await first;
  });

  test('for health are answered however full the lanes are', async () => {
    const gated = gate();
    const laned = await start({ search: gated.handler }, { values: ['resilience.maxInFlight=1'] });
    const first = ask(laned.port, 'GET', '/v1/search');
    await eventually(() => expect(gated.begun).toBe(1));
    expect((await ask(laned.port, 'GET', '/v1/search')).status).toBe(503);
    expect((await ask(laned.port, 'GET', '/health')).status).toBe(200);
    gated.open();
    await first;
  });

  test.each<[string, Handler]>([
    ['is thrown at once', () => failed()],
    ['is thrown later', () => Promise.resolve().then(failed)],
    ['is an answer', () => ({ status: 500, headers: [], body: null })],
  ])('whose failure %s give their place back', async (_name, handler) => {
    const laned = await start({ search: handler });
    expect((await ask(laned.port, 'GET', '/v1/search')).status).toBe(500);
    await isFree(laned);
  });

  test.each<[string, () => Promise<Reply>]>([
    ['an answer', () => Promise.resolve({ status: 200, headers: [], body: 'late' })],
    ['a stream', () => Promise.resolve({ status: 200, headers: [], body: Readable.from(['late']) })],
    ['the body of an upstream', () => Promise.resolve({ status: 200, headers: [], body: arrived('late') })],
    ['an error', () => Promise.reject(new Error('late'))],
  ])('that outlive their exchange give their place back with %s', async (_name, outcome) => {
    const gated = gate();
    const late: Step[] = [];
    const laned = await start({ search: () => gated.handler().then(outcome) }, { before: afterEnd(late) });
    expect((await ask(laned.port, 'GET', '/v1/search')).text).toBe('kept');
    expect(holds(laned, 'critical').working).toBe(1);
    gated.open();
    const answer = await Promise.resolve(late[0]).catch(() => undefined);
    if (answer?.body instanceof Readable) answer.body.resume();
    await isFree(laned);
  });

  test('that outlive their exchange and fail at once leave nothing taken', async () => {
    const late: Step[] = [];
    const laned = await start({ search: () => failed() }, { before: afterEnd(late) });
    await ask(laned.port, 'GET', '/v1/search');
    expect(late).toEqual([undefined]);
    await isFree(laned);
  });
});

describe('an answer that comes in parts', () => {
  const endless = () => {
    const body = new Readable({ read: () => undefined });
    body.push('a');
    return body;
  };
  const reply = (body: Readable, type: string): Reply => ({ status: 200, headers: ['content-type', type], body });

  test('as an event stream leaves its lane to others and counts as a stream until its end', async () => {
    const body = endless();
    const laned = await start({ search: () => Promise.resolve(reply(body, 'text/event-stream; charset=utf-8')) });
    const answer = ask(laned.port, 'GET', '/v1/search');
    await eventually(() => expect(laned.lanes.measure()).toMatchObject({ inFlight: 0, streams: 1 }));
    body.push(null);
    expect((await answer).text).toBe('a');
    await isFree(laned);
  });

  test('as one stream too many is refused, and its source ended', async () => {
    const bodies = [endless(), endless()];
    let asked = 0;
    const laned = await start(
      { search: () => Promise.resolve(reply(bodies[asked++] ?? endless(), 'text/event-stream')) },
      { values: ['resilience.maxStreams=1'] },
    );
    const first = ask(laned.port, 'GET', '/v1/search');
    await eventually(() => expect(laned.lanes.measure().streams).toBe(1));
    const second = await ask(laned.port, 'GET', '/v1/search');
    expect(second.status).toBe(503);
    expect(second.headers['retry-after']).toMatch(/^\d+$/);
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual([false, true]);
    bodies[0]?.push(null);
    await first;
    await isFree(laned);
  });

  test('as a body of any other kind keeps its place to the end', async () => {
    const body = endless();
    const laned = await start({ search: () => Promise.resolve(reply(body, 'application/json')) });
    const answer = ask(laned.port, 'GET', '/v1/search');
    await eventually(() => expect(body.readableFlowing).toBe(true));
    expect(laned.lanes.measure()).toMatchObject({ inFlight: 1, streams: 0 });
    body.push(null);
    await answer;
    await isFree(laned);
  });

  test.each(['text/event-stream', 'text/plain'])('gives everything back when its client leaves (%s)', async (type) => {
    const body = endless();
    const laned = await start({ search: () => Promise.resolve(reply(body, type)) });
    const socket = await open(laned.port, '/v1/search');
    await eventually(() => expect(body.readableFlowing).toBe(true));
    socket.destroy();
    await isFree(laned);
    expect(body.destroyed).toBe(true);
  });

  test.each(['text/event-stream', 'text/plain'])('from an upstream is held in the same way (%s)', async (type) => {
    const relay = new Relay({ pause: () => undefined, resume: () => undefined, abort: () => undefined });
    const laned = await start({
      search: () => Promise.resolve({ status: 200, headers: ['content-type', type], body: relay }),
    });
    const answer = ask(laned.port, 'GET', '/v1/search');
    const streams = type === 'text/plain' ? 0 : 1;
    await eventually(() => expect(laned.lanes.measure()).toMatchObject({ inFlight: 1 - streams, streams }));
    relay.push(Buffer.from('a'));
    relay.end();
    expect((await answer).text).toBe('a');
    await isFree(laned);
  });
});

describe('the concurrency limit of a lane', () => {
  const samplesOf = async (handler: Handler, values: readonly string[] = []): Promise<boolean[]> => {
    const dropped: boolean[] = [];
    const critical = { current: 10, observe: (_ms: number, _n: number, drop: boolean) => void dropped.push(drop) };
    const laned = await start({ search: handler }, { limits: { critical }, values });
    await ask(laned.port, 'GET', '/v1/search');
    return dropped;
  };
  const answering = (status: number) => () => Promise.resolve({ status, headers: [], body: null });
  const throwing = (error: Error) => () => Promise.reject(error);

  test.each<[string, Handler, boolean[]]>([
    ['an answer', answering(200), [false]],
    ['an answer that refuses the caller', answering(404), [false]],
    ['a problem of the caller', throwing(new Problem('order-not-found')), [false]],
    ['a callee that asks for patience', answering(429), [true]],
    ['a callee that is overloaded', answering(503), [true]],
    ['a callee that broke off', throwing(new Problem('upstream-failed')), [true]],
    ['a callee that took too long', throwing(new Problem('deadline-exceeded')), [true]],
    ['a fast failure', answering(500), []],
    ['a breaker that is open', throwing(new Problem('upstream-unavailable')), []],
    ['an error of the gateway itself', throwing(new Error('broke')), []],
    ['an answer from memory', () => ({ status: 200, headers: [], body: null }), []],
  ])('learns from %s what it says', async (_name, handler, expected) => {
    expect(await samplesOf(handler)).toEqual(expected);
  });

  test('takes the end of the time of a request for a drop', async () => {
    const slow: Handler = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    expect(await samplesOf(slow, ['routes.search.timeout=50ms'])).toEqual([true]);
  });
});

/** Answers at once, and has the lanes' stage work when the exchange is over, as a cache does that refreshes; what is thrown is undefined. */
const afterEnd =
  (late: Step[]) =>
  (stage: Stage): Stage =>
  (exchange) => {
    exchange.atEnd(() => {
      try {
        late.push(stage(exchange));
      } catch {
        late.push(undefined);
      }
    });
    return { status: 200, headers: [], body: 'kept' };
  };

function failed(): never {
  throw new Error('broke');
}

function arrived(text: string): Relay {
  const relay = new Relay({ pause: () => undefined, resume: () => undefined, abort: () => undefined });
  relay.push(Buffer.from(text));
  relay.end();
  return relay;
}
