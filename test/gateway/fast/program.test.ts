import { Agent, get as request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { startProgram, type GatewayProgram } from '../../support/program.ts';

let upstream: AnsweringUpstream;
let program: GatewayProgram | undefined;
afterEach(async () => {
  await program?.stop();
  await upstream.close();
});

const ask = (agent: Agent, port: number, path: string): Promise<IncomingHttpHeaders> =>
  new Promise((resolve, reject) => {
    request({ agent, port, host: '127.0.0.1', path }, (response) => {
      response.resume().on('end', () => resolve(response.headers));
    }).on('error', reject);
  });

test('the program with the fast listener counts every request, whoever answers it, and stops in time', async () => {
  upstream = await startAnsweringUpstream();
  program = await startProgram({
    values: ['gateway.listener=fast', 'limits.address=1000/min', 'routes.search.limit=1000/min'],
    variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
  });
  const { port } = program;
  // Each of its connections asks for something new once, and belongs to node:http then.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  // A connection that asks for nothing but what is kept.
  const kept = connect(port, '127.0.0.1');
  let text = '';
  kept.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let isClosed = false;
  kept.on('close', () => (isClosed = true));
  const results: (string | string[] | undefined)[] = [];
  for (let count = 0; count < 5; count++) results.push((await ask(agent, port, '/v1/search?q=a'))['x-cache']);
  expect(results).toContain('HIT');
  for (let count = 1; count <= 20; count++) {
    kept.write('GET /v1/search?q=a HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await eventually(() => expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(count));
  }
  const { metric } = program;
  await eventually(async () => {
    expect(await metric('http_server_request_duration_seconds_count', 'route="search"')).toBe(25);
    expect(await metric('gateway_limit_decisions_total', 'decision="allowed"')).toBe(25);
    expect(await metric('gateway_cache_lookups_total', 'result="hit"')).toBe(25 - upstream.calls());
    expect(await metric('http_server_active_requests')).toBe(0);
  });
  const stoppedAt = performance.now();
  await program.stop();
  program = undefined;
  expect(performance.now() - stoppedAt).toBeLessThan(8_000);
  await eventually(() => expect(isClosed).toBe(true));
  agent.destroy();
});
