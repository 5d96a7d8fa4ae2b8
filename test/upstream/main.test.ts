import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startCollector } from '../support/collector.ts';
import { eventually } from '../support/eventually.ts';
import { ask, chatBody } from './client.ts';

const MAIN = fileURLToPath(new URL('../../service/upstream/main.ts', import.meta.url));

describe('the program of the sample upstream', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function run(variables: Record<string, string>) {
    const child = spawn(process.execPath, [MAIN], { env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const end = Promise.all([once(child, 'exit'), output]).then(([[code], [stdout, stderr]]) => {
      return { code: code as number | null, stdout, stderr };
    });
    return { child, end };
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('is ready in its port and stops on %s', async (signal) => {
    const port = await findFreePort();
    const { child, end } = run({ PORT: String(port), HOST: '127.0.0.1' });
    await eventually(async () => expect((await ask(port, '/readyz')).status).toBe(200));

    child.kill(signal);

    const { code, stdout } = await end;
    expect(code).toBe(0);
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages).toEqual(['listening', 'ready', 'stopping', 'stopped']);
  });

  test('sends the spans of what ends while it stops', async () => {
    const collector = await startCollector();
    const port = await findFreePort();
    const { child, end } = run({
      PORT: String(port),
      HOST: '127.0.0.1',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    });
    await eventually(async () => expect((await ask(port, '/readyz')).status).toBe(200));
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, expect: '100-continue' };
    const asked = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/chat/completions',
      headers,
      agent: false,
    });
    asked.flushHeaders();
    // The program has the request, and waits for its body.
    await once(asked, 'continue');

    child.kill('SIGTERM');
    await eventually(() => expect(ask(port, '/readyz')).rejects.toThrow('ECONNREFUSED'));
    asked.end(chatBody('what is left?'));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();

    expect((await end).code).toBe(0);
    await collector.close();
    expect(response.statusCode).toBe(200);
    expect(collector.spans.map(({ name }) => name)).toEqual(['POST /v1/chat/completions']);
  });

  test('says in one sentence that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const { code, stderr } = await run({ PORT: String(port), HOST: '127.0.0.1' }).end;

    other.close();
    expect(code).toBe(69);
    expect(stderr).toBe(`Port ${port} is in use: stop the program that listens there, or set PORT to a free one.\n`);
  });

  test('names every wrong variable', async () => {
    const { code, stderr } = await run({ PORT: '0x50', LOG_LEVEL: 'loud' }).end;

    expect(code).toBe(2);
    expect(stderr).toMatch(/PORT: must be .*8081\n {2}LOG_LEVEL: must be one of/);
    expect(stderr).not.toContain(' at ');
  });
});

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
