import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';

describe.each(['http', 'fast'])('the connections of a gateway with the listener %s', (listener) => {
  let gateway: GatewayProgram;
  beforeAll(async () => {
    gateway = await startProgram({ values: [`gateway.listener=${listener}`], variables: { WORKERS: '2' } });
  }, 30_000);
  afterAll(() => gateway.stop());

  const counted = (count: number) =>
    eventually(async () => expect(await gateway.metric(METRICS.activeConnections.name)).toBe(count));

  test('are counted while they are open, whoever answers on them', async () => {
    const sockets = Array.from({ length: 6 }, () => connect(gateway.port, '127.0.0.1'));
    await counted(6);
    const answered = sockets.slice(0, 3).map(
      (socket) =>
        new Promise((resolve) => {
          socket.once('data', resolve);
          socket.write('GET /nowhere HTTP/1.1\r\nHost: a.test\r\nRange: bytes=0-1\r\n\r\n');
        }),
    );
    await Promise.all(answered);
    sockets.pop()?.destroy();
    await counted(5);
    for (const socket of sockets) socket.destroy();
    await counted(0);
  });
});
