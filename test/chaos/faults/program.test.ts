import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { PROJECT } from '../../support/serve.ts';
import { ask, call, startHttp, type Peer } from './peers.ts';
import { configOf, endOfProgram, startProxyProgram } from './program.ts';

let target: Peer;
beforeAll(async () => {
  target = await startHttp((_request, response) => void response.end('fine'));
});
afterAll(() => target.close());

const KEY = 'a-key-of-enough-characters';

test('the program serves its proxies, and its faults outlive whoever set them no longer than they may', async () => {
  const program = await startProxyProgram(configOf(target), KEY);
  const { http = 0, tcp = 0 } = program.ports;
  await expect(ask(http)).resolves.toMatchObject({ status: 200, body: 'fine' });
  await expect(ask(tcp)).resolves.toMatchObject({ status: 200, body: 'fine' });

  const source = `
    const { createProxyClient } = await import('./chaos/faults/index.ts');
    const client = createProxyClient({ origin: ${JSON.stringify(program.origin)}, key: ${JSON.stringify(KEY)} });
    await client.set('http', { kind: 'status', status: 503 }, 2);
    console.log('set');
    setInterval(() => undefined, 1000);`;
  const drill = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(drill.stdout, 'data');
  drill.kill('SIGKILL');
  await once(drill, 'exit');
  await expect(ask(http)).resolves.toMatchObject({ status: 503 });
  await eventually(async () => expect(await ask(http)).toMatchObject({ status: 200 }));
  expect((await program.client.list()).map(({ fault }) => fault)).toEqual([undefined, undefined]);
  await program.stop();
});

describe('it ends', () => {
  test('on SIGTERM, and what is under way is reset', async () => {
    const program = await startProxyProgram(configOf(target));
    const caller = call(program.ports.tcp ?? 0);
    await once(caller.socket, 'connect');
    await eventually(async () => expect((await program.client.list())[1]?.counts.open).toBe(1));
    await program.client.set('tcp', { kind: 'black-hole' }, 60);
    await program.stop();
    expect(program.child.exitCode).toBe(0);
    await eventually(() => expect(caller.ending()).toBe('ECONNRESET'));
  });

  test('with whoever started it, also while it refuses connections', async () => {
    const program = await startProxyProgram(configOf(target));
    await program.client.set('tcp', { kind: 'refuse' }, 60);
    const ended = once(program.child, 'exit');
    program.child.disconnect();
    await expect(ended).resolves.toEqual([0, null]);
  });
});

describe('it refuses to start, with what is wrong', () => {
  const proxy = {
    name: 'redis',
    listen: { host: '127.0.0.1', port: 0 },
    target: { host: '127.0.0.1', port: 1 },
    protocol: 'tcp',
  };
  const control = { host: '127.0.0.1', port: 0 };
  const json = (...proxies: object[]): string => JSON.stringify({ control, proxies });

  test.each([
    [{ FAULT_PROXY: '' }, /FAULT_PROXY: is missing; example: FAULT_PROXY={"control"/],
    [{ FAULT_PROXY: '{' }, /FAULT_PROXY: is not JSON/],
    [{ FAULT_PROXY: '{}' }, /FAULT_PROXY: control must be/],
    [{ FAULT_PROXY: json() }, /proxies must be a list of at least one proxy/],
    [{ FAULT_PROXY: json(proxy, proxy) }, /without a name that stands twice/],
    [{ FAULT_PROXY: json({ ...proxy, protocol: 'udp' }) }, /proxies\.0\.protocol must be 'tcp' or 'http'/],
    [{ FAULT_PROXY: json({ ...proxy, secret: 1 }) }, /proxies\.0 has no field 'secret'/],
    [{ FAULT_PROXY: json(proxy), FAULT_PROXY_KEY: 'short' }, /FAULT_PROXY_KEY: must be at least 16 characters/],
    [{ FAULT_PROXY: json(proxy), FAULT_PROXY_KEY_FILE: '/nowhere/key' }, /FAULT_PROXY_KEY_FILE: ENOENT/],
    [
      { FAULT_PROXY: JSON.stringify({ control: { ...control, host: '0.0.0.0' }, proxies: [proxy] }) },
      /FAULT_PROXY_KEY: is missing, and control\.host 0\.0\.0\.0 is not the loopback address/,
    ],
  ])('%j', async (variables: Readonly<Record<string, string>>, sentence) => {
    const { code, stderr } = await endOfProgram(variables);
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
    expect(stderr).not.toContain('short');
  });

  test('where its port is taken', async () => {
    const { code, stderr } = await endOfProgram({
      FAULT_PROXY: json({ ...proxy, listen: { host: '127.0.0.1', port: target.port } }),
    });
    expect([code, stderr]).toEqual([69, expect.stringContaining('EADDRINUSE')]);
  });
});

test('the key may stand in a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fault-proxy-'));
  writeFileSync(join(folder, 'key'), `${KEY}\n`);
  process.env.FAULT_PROXY_KEY_FILE = join(folder, 'key');
  try {
    const program = await startProxyProgram(configOf(target));
    const port = Number(new URL(program.origin).port);
    await expect(ask(port, { path: '/faults' })).resolves.toMatchObject({ status: 401 });
    await expect(ask(port, { path: '/faults', headers: { authorization: `Bearer ${KEY}` } })).resolves.toMatchObject({
      status: 200,
    });
    await program.stop();
  } finally {
    delete process.env.FAULT_PROXY_KEY_FILE;
    rmSync(folder, { recursive: true });
  }
});
