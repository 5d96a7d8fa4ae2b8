import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createMemoryLimits, type LimitStore } from '../../../service/limit/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { sendRaw } from '../../support/raw.ts';
import { get, PATHS, startKept, timeless, writers, type GatewayOptions } from './pair.ts';

const gateways: TestGateway[] = [];
const start = async (listener: 'http' | 'fast', values: readonly string[] = [], options: GatewayOptions = {}) => {
  const gateway = await startKept(listener, values, options);
  gateways.push(gateway);
  return gateway;
};
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

/** Limits that answer later, and count what was asked of them. */
function lateLimits(delayMs = 10): LimitStore & { taken: number; released: number; fails: boolean } {
  const memory = createMemoryLimits({ trackedCallers: 100, now: () => 1_000 });
  return {
    taken: 0,
    released: 0,
    fails: false,
    async take(caller, policies) {
      this.taken++;
      await wait(delayMs);
      if (this.fails) throw new Error('gone');
      return { ...memory.take(caller, policies), release: () => this.released++ };
    },
  };
}

const remaining = (text: string): number[] => [...text.matchAll(/"address";r=(\d+)/g)].map(([, left]) => Number(left));

describe('limits', () => {
  test('are charged once for each request, whoever answers it', async () => {
    const { port, outcomes } = await start('fast');
    const unusual = get(PATHS[0], 'If-None-Match: "1"');
    const { text } = await sendRaw(port, get() + get() + unusual + get(), 4);
    const [first = 0, ...others] = remaining(text);
    expect(others).toEqual([first - 1, first - 2, first - 3]);
    expect(outcomes).toHaveLength(4);
    const again = await sendRaw(port, get(), 1);
    expect(remaining(again.text)).toEqual([first - 4]);
  });

  test('are not charged for a request that came half', async () => {
    const { port } = await start('fast');
    const whole = get();
    const { text } = await sendRaw(port, [whole, whole.slice(0, 20), whole.slice(20)], 2);
    const [first = 0, second] = remaining(text);
    expect(second).toBe(first - 1);
  });

  test('that deny are told as the default listener tells it, and charge nothing', async () => {
    const values = [`routes.search.limit=${PATHS.length + 2}/min`, 'limits.address=100/min'];
    const answers = await Promise.all(
      (['http', 'fast'] as const).map(async (listener) => {
        const gateway = await start(listener, values);
        const { text } = await sendRaw(gateway.port, get(PATHS[0], 'X-Request-Id: x').repeat(6), 6);
        return { text: timeless(text), left: remaining(text), writers: writers(gateway) };
      }),
    );
    expect(answers[1]?.text).toBe(answers[0]?.text);
    const left = 100 - PATHS.length - 2;
    expect(answers[1]?.left).toEqual([left + 1, left, left, left, left, left]);
    expect(answers[1]?.text).toContain('HTTP/1.1 429 Too Many Requests\r\n');
    expect(answers[1]?.writers).toEqual(Array.from({ length: 6 }, () => 'fast'));
  });
});

describe('limits that must be waited for', () => {
  test('hold up what comes behind, whether it is a hit or not, and are asked once for each', async () => {
    const limitStore = lateLimits();
    const { port } = await start('fast', [], { limitStore });
    limitStore.taken = 0;
    const ids = (text: string) => [...text.matchAll(/^x-request-id: (\d)\r$/gm)].map(([, id]) => Number(id));
    const hit = (id: number): string => get(PATHS[0], `X-Request-Id: ${id}`);
    const { text } = await sendRaw(port, [hit(1) + hit(2), hit(3), hit(4).replace('GET', 'HEAD') + hit(5)], 5);
    expect(ids(text)).toEqual([1, 2, 3, 4, 5]);
    expect(limitStore.taken).toBe(5);
    expect(limitStore.released).toBe(PATHS.length + 5);
  });

  test('answer a client that has said that it sends no more', async () => {
    const { port } = await start('fast', [], { limitStore: lateLimits() });
    const text = await new Promise<string>((resolve, reject) => {
      let all = '';
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(get() + get()));
      socket.on('data', (chunk: Buffer) => (all += chunk.toString()));
      socket.on('end', () => resolve(all)).on('error', reject);
    });
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  test('that fail are told as the default listener tells it', async () => {
    const [expected, given] = await Promise.all(
      (['http', 'fast'] as const).map(async (listener) => {
        const limitStore = lateLimits();
        const { port, outcomes } = await start(listener, [], { limitStore });
        limitStore.fails = true;
        const { text } = await sendRaw(port, get(PATHS[0], 'X-Request-Id: x'), 1);
        return [timeless(text), outcomes[0]?.status, (outcomes[0]?.error as Error).message];
      }),
    );
    expect(given).toEqual(expected);
    expect(given?.[1]).toBe(500);
  });

  test('of a client that leaves meanwhile are given back, and no answer is told', async () => {
    const limitStore = lateLimits(50);
    const { port, outcomes } = await start('fast', [], { limitStore });
    const before = { taken: limitStore.taken, released: limitStore.released };
    const socket = connect(port, '127.0.0.1', () => socket.write(get()));
    await eventually(() => expect(limitStore.taken).toBe(before.taken + 1));
    socket.resetAndDestroy();
    await eventually(() => expect(outcomes.map(({ status }) => status)).toEqual([499]));
    expect(limitStore.released).toBe(before.released + 1);
  });
});
