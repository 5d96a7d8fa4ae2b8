import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { definition } from '../../../service/definition/index.ts';
import { createOpsServer } from '../../../service/gateway/ops.ts';
import { openLivePage } from '../../../service/gateway/processes/live-page.ts';
import { measuredOf } from '../../../service/gateway/processes/measured.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';

test('the live page is answered once the gateway is ready; nobody waits for it, or falls with it', async () => {
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<undefined>();
  const layout = layOutCells(measuredOf(definition.dev));
  const cells = new Cells(layout);
  const failures: unknown[] = [];
  let broken = false;
  const page = openLivePage({
    ready,
    onError: (error) => failures.push(error),
    service: definition.dev,
    layout,
    cells: () => {
      if (broken) throw new Error('no numbers');
      return Float64Array.from(cells.values);
    },
    readings: [],
    commit: 'unknown',
    told: {
      stage: () => 'ready',
      start: 0,
      logLevel: () => 'info',
      workers: 1,
      breakers: () => [],
      limits: () => [],
    },
  });
  const server = createOpsServer({
    metrics: { read: () => Promise.resolve('') },
    isReady: () => false,
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
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
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
