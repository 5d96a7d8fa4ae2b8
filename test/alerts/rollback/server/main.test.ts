import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardConfigOf } from '../../../../alerts/rollback/config.ts';
import { STORES } from '../../../../alerts/rollback/state.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';
import { findFreePort } from '../../../../service/store/free-port.ts';
import { startClusterApi, type ClusterApi } from '../../../support/cluster-api/cluster-api.ts';
import { eventually } from '../../../support/eventually.ts';
import { PROJECT } from '../../../support/serve.ts';
import { Hand } from '../cluster/place.ts';
import { alert, notification } from './taker.ts';

const TOKEN = 'token-of-alertmanager-0123456789';
const KEY = 'key-of-probes-0123456789-0123456';

let api: ClusterApi;
let hand: Hand;
let prometheus: Server;
let folder: string;
let started: Started[];

type Started = {
  readonly child: ChildProcess;
  readonly port: number;
  readonly log: () => string;
  readonly ended: Promise<number | null>;
};

beforeEach(async () => {
  started = [];
  folder = mkdtempSync(join(tmpdir(), 'sluice-guard-'));
  prometheus = createServer((_, response) => void response.end('{"status":"success","data":{"result":[]}}'));
  await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
  api = await startClusterApi();
  hand = new Hand({
    config: api.config,
    guard: api.config,
    namespace: api.namespace,
    images: { good: 'shop:1.4.0', gone: 'gone' },
    close: api.close,
  });
  await hand.prepare();
});
afterEach(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGKILL');
    await ended;
  }
  prometheus.closeAllConnections();
  prometheus.close();
  await api.close();
  rmSync(folder, { recursive: true });
});

describe('the program', () => {
  test('leads, takes an alert, watches what is deployed, and goes without a trace of its secrets', async () => {
    const guard = await start('guard-0');
    await eventually(async () => expect(await statusOf(guard)).toMatchObject({ leads: true, phase: 'idle' }));
    const hash = await hand.release({ configuration: 'one' });
    await eventually(async () => expect(await statusOf(guard)).toMatchObject({ phase: 'watching', watch: { hash } }));
    const told = await post(guard, TOKEN, hash);
    expect(told.status).toBe(202);
    expect((await post(guard, `${TOKEN}x`, hash)).status).toBe(401);
    const stored = async () => JSON.stringify((await hand.require(`${hand.paths.configMaps}/${STORES.guard}`)).data);
    expect(await stored()).toContain(hash);
    const metrics = await (await fetch(`http://127.0.0.1:${guard.port}/metrics`)).text();
    expect(metrics).toContain(`gateway_release_watched{pod_template_hash="${hash}"} 1`);
    guard.child.kill('SIGTERM');

    expect(await guard.ended).toBe(0);
    const lease = (await hand.require(hand.paths.lease)).spec as { readonly holderIdentity?: string };
    expect(lease.holderIdentity ?? '').toBe('');
    expect(guard.log()).toContain('release watching');
    expect(guard.log()).toContain('"msg":"stopped"');
    for (const secret of [TOKEN, KEY, 'secret"']) expect(guard.log() + (await stored())).not.toContain(secret);
  });

  test('hands over to another one when it ends, which takes alerts before it leads', async () => {
    const first = await start('guard-0');
    await eventually(async () => expect(await statusOf(first)).toMatchObject({ leads: true }));
    const second = await start('guard-1');
    expect(await statusOf(second)).toMatchObject({ leads: false });
    const hash = await hand.release({ configuration: 'one' });
    expect((await post(second, TOKEN, hash)).status).toBe(202);
    await eventually(async () => expect(await statusOf(first)).toMatchObject({ watch: { hash } }));
    first.child.kill('SIGTERM');
    await first.ended;

    await eventually(async () => expect(await statusOf(second)).toMatchObject({ leads: true, watch: { hash } }));
  });

  test('is not ready, and lives, as long as the API server does not answer', async () => {
    api.fail(/./);
    const guard = await start('guard-0', '/livez');
    expect((await fetch(`http://127.0.0.1:${guard.port}/readyz`)).status).toBe(503);
    expect((await post(guard, TOKEN, '7d9f8b6c5d')).status).toBe(503);
    api.fail(undefined);

    await eventually(async () => expect((await fetch(`http://127.0.0.1:${guard.port}/readyz`)).status).toBe(200));
  });

  test('ends with the wrong variables and no secret where it is started in a wrong way', async () => {
    const child = spawn(process.execPath, ['alerts/rollback/main.ts'], {
      cwd: PROJECT,
      env: { PATH: process.env.PATH, GUARD_TOKEN: 'hush-hush', POD_NAME: 'guard-0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));

    expect(code).toBe(2);
    expect(said).toMatch(/GUARD_TOKEN: must be at least 32 characters/);
    expect(said).toMatch(/GUARD_CONFIG: is missing/);
    expect(said).not.toContain('hush');
  });
});

/** Starts the program as a process of its own, and waits until it answers at a path. */
async function start(identity: string, path = '/readyz'): Promise<Started> {
  const port = await findFreePort();
  const files = { config: join(folder, 'guard.json'), kube: join(folder, 'kube.json'), token: join(folder, 'token') };
  const service = withValues(definition.prod, ['release.guard.mode=act', `namespace=${api.namespace}`]);
  const origin = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
  writeFileSync(files.config, JSON.stringify({ ...guardConfigOf(service), prometheusUrl: origin }));
  writeFileSync(files.kube, api.config.exportConfig());
  writeFileSync(files.token, `${TOKEN}\n`);
  const child = spawn(process.execPath, ['alerts/rollback/main.ts'], {
    cwd: PROJECT,
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: files.kube,
      GUARD_CONFIG: files.config,
      GUARD_TOKEN_FILE: files.token,
      PROBE_KEY: KEY,
      POD_NAME: identity,
      HOST: '127.0.0.1',
      PORT: `${port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const one = { child, port, log: () => log, ended };
  started.push(one);
  await eventually(async () => {
    const { ok } = await fetch(`http://127.0.0.1:${port}${path}`);
    if (!ok) throw new Error(`not there: ${log}`);
  });
  return one;
}

async function statusOf({ port }: Started): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${port}/status`)).json();
}

function post({ port }: Started, token: string, hash: string): Promise<Response> {
  const changes = { startsAt: new Date().toISOString() };
  const labels = { namespace: api.namespace, pod_template_hash: hash };
  return fetch(`http://127.0.0.1:${port}/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(notification([alert(changes, labels)])),
  });
}
