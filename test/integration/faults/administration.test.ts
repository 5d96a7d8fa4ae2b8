import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { answer, startOrigin, type Origin } from '../../gateway/origin.ts';
import type { Service } from '../../../service/definition/index.ts';
import { eventually } from '../../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { ask } from '../../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../../support/program.ts';

const TOKEN = 'token-of-the-operators';
const BREAKER = 'upstream-critical';
/** Soon enough that nothing but a message can have told both workers. */
const SOON_MS = 5_000;

type Row = { readonly worker: number; readonly name: string; readonly state: string };

/** The program's searches, with a tag to forget them by. */
const withTag = (service: Service): Service => {
  const { search } = service.routes;
  return search ? { ...service, routes: { ...service.routes, search: { ...search, tags: ['results'] } } } : service;
};

describe('people who run the gateway', () => {
  let version = 1;
  let origin: Origin;
  let proxy: FaultProxy;
  let gateway: GatewayProgram;
  let asked = 0;

  beforeAll(async () => {
    origin = await startOrigin((socket) => socket.write(answer(`{"version":${version}}`)));
    proxy = await startFaultProxy(origin.port);
    gateway = await startProgram({
      values: [
        'limits.address=100000/s',
        'routes.search.limit=100000/s',
        'limits.global.bucket.capacity=1000000',
        'upstream.backoff=10ms',
        'resilience.breakers.upstream.open=10m',
      ],
      definition: withTag,
      variables: { UPSTREAM_ORIGIN: `http://127.0.0.1:${proxy.port}`, WORKERS: '2', OPS_TOKEN: TOKEN },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await proxy.close();
    origin.close();
  });

  const admin = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const { status, text } = await ask(gateway.opsPort, method, `/admin${path}`, headers, body && JSON.stringify(body));
    return { status, body: JSON.parse(text) as unknown };
  };
  const get = (q: string, headers = {}) => ask(gateway.port, 'GET', `/v1/search?q=${q}`, headers);
  /** As many requests as both workers see some of. */
  const several = async <T>(action: () => Promise<T>): Promise<T[]> => {
    const results = [];
    for (let request = 0; request < 8; request++) results.push(await action());
    return results;
  };
  const fresh = () => several(async () => (await get(`new${asked++}`)).status);
  const statesOf = async (name: string) =>
    ((await admin('GET', '/breakers')).body as Row[]).filter((row) => row.name === name).map(({ state }) => state);

  test('see the open breakers of each worker, and close them all', async () => {
    expect(await statesOf(BREAKER)).toEqual(['closed', 'closed']);
    proxy.set({ kind: 'refuse' });
    await eventually(async () => {
      await fresh();
      expect(await statesOf(BREAKER)).toEqual(['open', 'open']);
    });
    proxy.set({ kind: 'none' });
    expect(await fresh()).toEqual(Array.from({ length: 8 }, () => 503));

    expect((await admin('PUT', `/breakers/${BREAKER}`, { state: 'closed' })).status).toBe(202);
    await eventually(async () => expect(await fresh()).toEqual(Array.from({ length: 8 }, () => 200)), SOON_MS);
    await eventually(async () => expect(await statesOf(BREAKER)).toEqual(['closed', 'closed']));
  });

  test('open a breaker by hand, and close it', async () => {
    await admin('PUT', `/breakers/${BREAKER}`, { state: 'open' });
    await eventually(async () => expect(await fresh()).toEqual(Array.from({ length: 8 }, () => 503)), SOON_MS);
    await admin('PUT', `/breakers/${BREAKER}`, { state: 'closed' });
    await eventually(async () => expect(await fresh()).toEqual(Array.from({ length: 8 }, () => 200)), SOON_MS);
    expect((await admin('PUT', '/breakers/none', { state: 'closed' })).status).toBe(404);
  });

  test.each([
    ['tag', { tag: 'results' }],
    ['prefix', { prefix: 'search/' }],
    ['everything', { all: true }],
  ])('have every worker forget answers by %s', async (by, what) => {
    const kept = () => several(async () => (await get(`kept-${by}`)).text);
    const of = (number: number) => Array.from({ length: 8 }, () => `{"version":${number}}`);
    await kept();
    const old = version++;
    expect(await kept()).toEqual(of(old));
    expect((await admin('POST', '/cache/invalidations', { tag: 'another' })).status).toBe(202);
    expect(await kept()).toEqual(of(old));
    expect((await admin('POST', '/cache/invalidations', what)).status).toBe(202);
    await eventually(async () => expect(await kept()).toEqual(of(version)), SOON_MS);
  });

  test('change how much every worker logs', async () => {
    const named = (name: string) => several(() => get('logged', { 'x-request-id': `${name}-${asked++}` }));
    /** Workers that have told of requests of a name. */
    const tellers = (name: string) => {
      const lines = gateway.log().split('\n');
      const told = lines.filter((line) => line.includes(`"request_id":"${name}-`));
      return new Set(told.map((line) => (JSON.parse(line) as { process: unknown }).process));
    };
    await admin('PUT', '/log-level', { level: 'error' });
    await named('quiet');
    await admin('PUT', '/log-level', { level: 'info' });
    await eventually(async () => {
      // Of many lines in a second, some are left out.
      await named('loud');
      expect(tellers('loud').size).toBe(2);
    });
    expect(tellers('quiet').size).toBe(0);
  });

  test('change it also for a worker that takes the place of another', async () => {
    await admin('PUT', '/log-level', { level: 'error' });
    const [victim] = gateway.workers();
    process.kill(victim ?? 0, 'SIGKILL');
    await eventually(async () => {
      expect(gateway.workers()).not.toContain(victim);
      expect(await gateway.metric('gateway_workers')).toBe(2);
    }, 20_000);
    await several(() => get('logged', { 'x-request-id': `after-${asked++}` }));
    await admin('PUT', '/log-level', { level: 'info' });
    await eventually(async () => {
      await get('logged', { 'x-request-id': `again-${asked++}` });
      expect(gateway.log()).toContain('"request_id":"again-');
    });
    expect(gateway.log()).not.toContain('"request_id":"after-');
  });

  test('show who they are', async () => {
    expect((await ask(gateway.opsPort, 'GET', '/admin/breakers')).status).toBe(401);
    expect((await ask(gateway.port, 'GET', '/admin/breakers')).status).toBe(404);
  });
});
