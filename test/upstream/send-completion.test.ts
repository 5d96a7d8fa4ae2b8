import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { streamCompletion } from '../../service/upstream/send-completion.ts';
import { eventually } from '../support/eventually.ts';

const server = createServer();

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const asked = {
  ...{ model: 'm', question: '', stream: true, includeUsage: false, answers: 1 },
  ...{ maxTokens: 1, stop: [], tool: undefined, isJson: false, promptTokens: 1 },
};

/** Begins a stream of many tokens; `ended` settles when the server is done with it. */
async function beginStream(token: string, chunkPauseMs: number) {
  const endless = { tokens: Array.from({ length: 100_000 }, () => token), finishReason: 'stop' as const };
  const answered = new Promise<{ response: ServerResponse; ended: Promise<void> }>((resolve) => {
    server.removeAllListeners('request').on('request', (_request, response) => {
      const ended = streamCompletion(response, asked, endless, { id: 'a', created: 0, chunkPauseMs, headers: {} });
      resolve({ response, ended });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sent = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [received] = (await once(sent, 'response')) as [IncomingMessage];
  return { received, ...(await answered) };
}

test('a stream ends when its client leaves between two chunks', async () => {
  const { received, ended } = await beginStream('token ', 600_000);

  received.destroy();

  await expect(ended).resolves.toBeUndefined();
});

test('a stream waits for a client that does not read, and ends when that leaves', async () => {
  const { received, response, ended } = await beginStream('x'.repeat(100_000), 0);
  received.pause();
  await eventually(() => expect(response.writableNeedDrain).toBe(true));

  received.destroy();

  await expect(ended).resolves.toBeUndefined();
});
