import { afterEach, describe, expect, test } from '@jest/globals';
import { contextOf, Trace } from '../../../service/telemetry/trace/index.ts';
import { answer } from '../origin.ts';
import { GET, TestUpstreams } from './client.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const PARENT = { traceId: TRACE, spanId: CALLER, sampled: true };

const upstreams = new TestUpstreams();
afterEach(() => upstreams.closeAll());

/** Values of a header in a head, as they came. */
const told = (head: string, name: string) =>
  [...head.matchAll(new RegExp(`^${name}: (.*)$`, 'gim'))].map(([, value]) => value);

describe('the upstream is told', () => {
  test('of each attempt as a span of its own, once, with the state of other systems', async () => {
    const unavailable = answer('busy', 'HTTP/1.1 503 Service Unavailable');
    const { client, origin } = await upstreams.start((socket, _head, nth) =>
      socket.write(nth === 0 ? unavailable : answer()),
    );
    const trace = new Trace(performance.now(), PARENT, 'congo=t61', true);
    await client.fetch({ ...GET, headers: ['accept', '*/*'], trace });

    const [first, second] = trace.spans;
    expect(trace.spans).toHaveLength(2);
    expect(origin.heads.map((head) => told(head, 'traceparent'))).toEqual([
      [`00-${TRACE}-${first?.id}-01`],
      [`00-${TRACE}-${second?.id}-01`],
    ]);
    expect(origin.heads.map((head) => told(head, 'tracestate'))).toEqual([['congo=t61'], ['congo=t61']]);
    expect(first).toMatchObject({ name: 'upstream', kind: 'client', failure: '503' });
    expect(second?.attributes).toEqual(expect.arrayContaining(['http.request.resend_count', 1]));
    expect(second).toMatchObject({ failure: undefined, endedAt: expect.any(Number) });
  });

  test('what did not come, in a word', async () => {
    const { client } = upstreams.client(await upstreams.blackHole(), [
      'upstream.attempts=1',
      'upstream.attemptTimeout=50ms',
      'upstream.budget=60ms',
    ]);
    const trace = new Trace(performance.now());
    await expect(client.fetch({ ...GET, trace })).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(trace.spans.map(({ failure }) => failure)).toEqual(['timeout']);
  });

  test("the caller's own trace, unchanged, where nothing is recorded", async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()));
    const traceparent = `00-${TRACE}-${CALLER}-01`;
    await client.fetch({ ...GET, trace: contextOf({ traceparent, tracestate: 'a=1' }) });
    await client.fetch({ ...GET, trace: contextOf({ traceparent: `ff-${TRACE}-${CALLER}-01`, tracestate: 'a=1' }) });
    const [good = '', bad = ''] = origin.heads;
    expect([told(good, 'traceparent'), told(good, 'tracestate')]).toEqual([[traceparent], ['a=1']]);
    expect(told(bad, 'traceparent')).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-00$/)]);
    expect(bad).not.toMatch(new RegExp(`${TRACE}|tracestate`));
  });

  test('nothing where there is no trace', async () => {
    const { client, origin } = await upstreams.start((socket) => socket.write(answer()));
    await client.fetch(GET);
    expect(origin.heads[0]).not.toMatch(/trace/i);
  });
});
