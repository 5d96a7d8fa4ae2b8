import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { streamCompletion } from '../../service/upstream/send-completion.ts';

const server = createServer();

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

test.each([
  ['reads nothing', 0],
  ['waits for the next chunk', 1],
])('a stream ends when its client leaves while it %s', async (_what, chunkPauseMs) => {
  const request = { model: 'm', question: '', stream: true, includeUsage: false, maxTokens: 1, promptTokens: 1 };
  const endless = { tokens: Array.from({ length: 1_000_000 }, () => 'token '), finishReason: 'stop' as const };
  const ended = new Promise<unknown>((resolve) => {
    server.removeAllListeners('request').on('request', (_request, response) => {
      resolve(streamCompletion(response, request, endless, { id: 'a', created: 0, chunkPauseMs }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sent = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];

  response.destroy();

  await expect(ended).resolves.toBeUndefined();
});
