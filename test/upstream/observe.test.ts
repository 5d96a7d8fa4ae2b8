import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createObserver } from '../../service/upstream/observe.ts';
import { createLog } from '../../service/telemetry/log.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('an answer that broke off has its line also when many others have had theirs', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level: 'info',
    base: {},
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const observe = createObserver({ log });
  const end = (writableFinished: boolean): void => {
    const response = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished });
    const request = { method: 'GET', headers: {} } as unknown as IncomingMessage;
    observe(request, response as unknown as ServerResponse, writableFinished ? '/v1/search' : '/v1/cut');
    response.emit('close');
  };

  for (let request = 0; request < 1_000; request++) end(true);
  end(false);

  expect(lines.length).toBeLessThan(1_000);
  expect(lines.at(-1)).toMatchObject({ route: '/v1/cut', status: 200 });
});
