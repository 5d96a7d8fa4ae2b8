import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { startOrigin, type Origin, type Script } from '../gateway/origin.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const token = chunk('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');

let script: Script = () => undefined;
let origin: Origin;
let gateway: GatewayProgram;
beforeAll(async () => {
  origin = await startOrigin((...parts) => script(...parts));
  gateway = await startProgram({
    values: ['limits.address=1000/min', 'routes.chat.limit=1000/min', 'gateway.streamTimeout=1s'],
    variables: { UPSTREAM_ORIGIN: origin.url, WORKERS: '1' },
  });
}, 30_000);
afterAll(async () => {
  await gateway.stop();
  origin.close();
});

/** Asks for a stream; resolves with its text when it is over in whatever way, or leaves at the first byte. */
function stream({ leaves = false } = {}): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const asked = request({
      port: gateway.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      agent: false,
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (data: Buffer) => {
        text += data.toString();
        if (leaves) response.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve({ text, isWhole: response.complete }));
    });
    asked.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'a' }] }));
  });
}

const cut = () => gateway.metric(METRICS.streamsCut.name, 'lane="critical"');
const answered = () => gateway.metric('http_server_request_duration_seconds_count', 'route="chat"');

test.each<[title: string, counted: number, isWhole: boolean, answer: Script, leaves?: boolean]>([
  ['that is whole is none', 0, true, (socket) => void socket.write(`${HEAD}${token}0\r\n\r\n`)],
  [
    'that the upstream breaks off is one',
    1,
    false,
    (socket) => void socket.write(HEAD + token, () => socket.destroy()),
  ],
  ['that lasts too long is one', 1, false, (socket) => void socket.write(HEAD + token)],
  ['that its client leaves is none', 0, false, (socket) => void socket.write(HEAD + token), true],
])('of streams that are cut, one %s', async (_, counted, isWhole, answer, leaves = false) => {
  script = answer;
  const [before, ended] = [await cut(), await answered()];
  expect((await stream({ leaves })).isWhole).toBe(isWhole);
  await eventually(async () => expect(await answered()).toBe(ended + 1));
  expect(await cut()).toBe(before + counted);
});
