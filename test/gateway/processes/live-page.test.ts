import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { definition } from '../../../service/definition/index.ts';
import { createOpsServer } from '../../../service/gateway/ops.ts';
import { openLivePage, type LivePageOptions } from '../../../service/gateway/processes/live-page.ts';
import { measuredOf } from '../../../service/gateway/processes/measured.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';

const layout = layOutCells(measuredOf(definition.dev));
const cells = new Cells(layout);
const told: LivePageOptions['told'] = {
  stage: () => 'ready',
  start: 0,
  logLevel: () => 'info',
  workers: 1,
  breakers: () => [],
  limits: () => [],
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** An ops port with a live page; `failures` are those that it told. */
async function opsPort(options: Partial<LivePageOptions>): Promise<{ port: number; failures: readonly unknown[] }> {
  const failures: unknown[] = [];
  const page = openLivePage({
    ready: Promise.resolve(),
    onError: (error) => failures.push(error),
    service: definition.dev,
    layout,
    cells: () => Float64Array.from(cells.values),
    readings: [],
    commit: 'unknown',
    told,
    ...options,
  });
  const server = createOpsServer({
    metrics: { read: () => Promise.resolve('') },
    whyNotReady: () => 'a test',
    dependencies: () => Promise.resolve({}),
    admin: {
      token: undefined,
      administration: {
        breakers: () => [],
        setBreaker: () => false,
        limits: () => [],
        invalidate: () => undefined,
        setLogLevel: () => undefined,
      },
    },
    page,
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, failures };
}

test('the live page is answered once the gateway is ready; nobody waits for it, or falls with it', async () => {
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<undefined>();
  let broken = false;
  const { port, failures } = await opsPort({
    ready,
    cells: () => {
      if (broken) throw new Error('no numbers');
      return Float64Array.from(cells.values);
    },
  });
  let answered = false;
  const early = ask(port, 'GET', '/').finally(() => (answered = true));
  expect((await ask(port, 'GET', '/livez')).status).toBe(200);
  expect((await ask(port, 'GET', '/metrics')).status).toBe(200);
  expect(answered).toBe(false);

  becomeReady(undefined);
  const { status, text } = await early;
  expect([status, text.includes('<title>')]).toEqual([200, true]);
  expect(JSON.parse((await ask(port, 'GET', '/live.json')).text)).toMatchObject({ times: [expect.any(Number)] });
  expect((await ask(port, 'GET', '/elsewhere')).status).toBe(404);

  // What fails every few seconds must not end the gateway.
  broken = true;
  await eventually(() => expect(failures).toEqual([new Error('no numbers')]), 10_000, 100);
  expect((await ask(port, 'GET', '/live.json')).status).toBe(200);
});

test('a live page that cannot be loaded is told once, and the ops port answers as if there were none', async () => {
  const unloadable = new Error('no page');
  const { port, failures } = await opsPort({
    told: {
      ...told,
      get workers(): number {
        throw unloadable;
      },
    },
  });
  expect(await ask(port, 'GET', '/')).toMatchObject({ status: 503, text: expect.stringContaining('the log says why') });
  expect((await ask(port, 'GET', '/elsewhere')).status).toBe(404);
  expect((await ask(port, 'GET', '/livez')).status).toBe(200);
  expect(failures).toEqual([unloadable]);
});
