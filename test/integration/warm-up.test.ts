import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startAnsweringUpstream, type AnsweringUpstream } from '../support/answering-upstream.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/gateway.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';

const PATHS = ['/v1/search?q=warm', '/v1/search?limit=5&q=limits'];

let upstream: AnsweringUpstream;
let gateway: GatewayProgram;

beforeAll(async () => {
  upstream = await startAnsweringUpstream();
  gateway = await startProgram({
    definition: (service) => ({
      ...service,
      cache: { ...service.cache, warmUp: { ...service.cache.warmUp, paths: PATHS } },
    }),
    variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
  });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.close();
});

test('what is to be warm is there for the first who asks, fetched once for all workers, and the log tells', async () => {
  await eventually(() => expect(gateway.log()).toMatch(/"done":2,"failed":0,"total":2/));
  for (let connection = 0; connection < 4; connection++) {
    const { headers } = await ask(gateway.port, 'GET', '/v1/search?q=warm');
    expect(headers['x-cache']).toBe('HIT');
  }
  expect(upstream.calls()).toBe(2);
});
