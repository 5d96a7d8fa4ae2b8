import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProbes, type ProbesOptions } from '../../../../alerts/rollback/probes.ts';
import { eventually } from '../../../support/eventually.ts';

type Asked = {
  readonly path: string;
  readonly host: string;
  readonly key: string | undefined;
  readonly socket: number;
};

let server: Server;
let port: number;
let asked: Asked[];
let results: string[];
let failures: unknown[];
let now: number;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  [asked, results, failures, now] = [[], [], [], 0];
  answer = (response) => void response.end('{}');
  server = createServer(({ url = '', headers, socket }, response) => {
    asked.push({ path: url, host: headers.host ?? '', key: headers.authorization, socket: socket.remotePort ?? 0 });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('synthetic requests', () => {
  test('go to each pod and each path in turn, with the key, each on a connection of its own', async () => {
    const probes = create({ paths: ['/a', '/b?q=1'], addresses: () => Promise.resolve(['127.0.0.1', '127.0.0.2']) });
    probes.aim({ release: { hash: 'new11', rate: 4 } });
    await pass(probes, 1_000);
    await eventually(() => expect(results).toHaveLength(4));

    expect(asked.map(({ host, path }) => [host.split(':')[0], path]).sort()).toEqual([
      ['127.0.0.1', '/a'],
      ['127.0.0.1', '/b?q=1'],
      ['127.0.0.2', '/a'],
      ['127.0.0.2', '/b?q=1'],
    ]);
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(['Bearer the-key']));
    expect(new Set(asked.map(({ socket }) => socket)).size).toBe(4);
    expect(results).toEqual(['release ok', 'release ok', 'release ok', 'release ok']);
  });

  test('have a number of their own where their path names one', async () => {
    const probes = create({ paths: ['/a?q={n}', '/b/{n}?q={n}', '/c'], firstNumber: 7_000 });
    probes.aim({ release: { hash: 'new11', rate: 3 }, previous: { hash: 'old11', rate: 3 } });
    await pass(probes, 1_000);
    await eventually(() => expect(results).toHaveLength(6));

    const numbers = asked.flatMap(({ path }) => path.match(/\d+/g)?.slice(0, 1) ?? []);
    expect(new Set(numbers).size).toBe(4);
    for (const number of numbers) expect(Number(number)).toBeGreaterThanOrEqual(7_000);
    const shapes = asked.map(({ path }) => path.replace(/(\d+)\?q=\1$/, 'N?q=N').replace(/\d+/, 'N'));
    expect(shapes.sort()).toEqual(['/a?q=N', '/a?q=N', '/b/N?q=N', '/b/N?q=N', '/c', '/c']);
  });

  test('come at the rate of each version, and are remembered for the window', async () => {
    const probes = create();
    probes.aim({
      release: { hash: 'new11', rate: 5 },
      previous: { hash: 'old11', rate: 2 },
      withdrawn: { hash: 'bad11', rate: 1 },
    });
    await pass(probes, 10_000);
    await eventually(() => expect(results).toHaveLength(80));
    const to = (version: string) => results.filter((result) => result.startsWith(version)).length;

    expect([to('release'), to('previous'), to('withdrawn')]).toEqual([50, 20, 10]);
    expect([probes.sent('release'), probes.sent('previous')]).toEqual([50, 20]);
    probes.aim({ release: { hash: 'new11', rate: 0 } });
    await pass(probes, 25_000);
    expect(probes.sent('release')).toBeLessThan(30);
    await pass(probes, 10_000);
    expect(probes.sent('release')).toBe(0);
    expect(asked).toHaveLength(80);
  });

  test.each<[what: string, answer: (response: ServerResponse) => void, reason: RegExp]>([
    ['a failure', (response) => void response.writeHead(500).end(), /answered with status 500/],
    ['a refusal', (response) => void response.writeHead(429).end(), /answered with status 429/],
    ['a connection that breaks off', (response) => void response.destroy(), /socket hang up/],
  ])('that end with %s count as errors', async (_, how, reason) => {
    answer = how;
    const probes = create();
    probes.aim({ release: { hash: 'new11', rate: 1 } });
    await pass(probes, 1_000);
    await eventually(() => expect(results).toEqual([expect.stringMatching(reason)]));
  });

  test('do not pile up on pods that do not answer', async () => {
    answer = () => undefined;
    const probes = create();
    probes.aim({ release: { hash: 'new11', rate: 20 } });
    await pass(probes, 10_000);

    await eventually(() => expect(asked).toHaveLength(50));
    expect(probes.sent('release')).toBe(50);
  });

  test('are not made good for when there was nobody to ask, or nobody who asked', async () => {
    let addresses: readonly string[] = [];
    const probes = create({ addresses: () => Promise.resolve(addresses) });
    probes.aim({ release: { hash: 'new11', rate: 5 } });
    await pass(probes, 20_000);
    addresses = ['127.0.0.1'];
    now += 60_000;
    await pass(probes, 100);
    await pass(probes, 100);
    await eventually(() => expect(asked.length).toBeGreaterThan(0));

    expect(probes.sent('release')).toBeLessThanOrEqual(6);
  });

  test('end when nobody is aimed at, and are counted anew for another release', async () => {
    const probes = create();
    probes.aim({ release: { hash: 'new11', rate: 5 } });
    await pass(probes, 1_000);
    const before = probes.sent('release');
    probes.aim({ release: { hash: 'new22', rate: 5 } });
    expect([before, probes.sent('release')]).toEqual([5, 0]);
    probes.aim({});
    await pass(probes, 5_000);

    expect(asked.length).toBeLessThanOrEqual(5);
  });

  test('wait for addresses that cannot be read, which is told', async () => {
    const probes = create({ addresses: () => Promise.reject(new Error('away')) });
    probes.aim({ release: { hash: 'new11', rate: 5 } });
    await pass(probes, 1_000);

    expect(failures.length).toBeGreaterThan(0);
    expect(asked).toEqual([]);
  });
});

function create(options: Partial<ProbesOptions> = {}) {
  return createProbes({
    paths: ['/v1/search?q=sluice-{n}'],
    firstNumber: 1,
    port,
    key: 'the-key',
    window: 30_000,
    addresses: () => Promise.resolve(['127.0.0.1']),
    now: () => now,
    onResult: (to, result, reason) => results.push([to, result, reason].filter(Boolean).join(' ')),
    onFailure: (error) => failures.push(error),
    ...options,
  });
}

/** Lets time pass in steps of a tenth of a second. */
async function pass(probes: ReturnType<typeof createProbes>, milliseconds: number): Promise<void> {
  probes.step();
  await new Promise((turn) => setImmediate(turn));
  for (let passed = 0; passed < milliseconds; passed += 100) {
    now += 100;
    probes.step();
    await new Promise((turn) => setImmediate(turn));
  }
}
