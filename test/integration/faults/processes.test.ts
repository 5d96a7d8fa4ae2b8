import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAnsweringUpstream, type AnsweringUpstream } from '../../support/answering-upstream.ts';
import { eventually } from '../../support/eventually.ts';
import { ask } from '../../support/gateway.ts';
import { believeForwarded, newCaller, startProgram, type GatewayProgram } from '../../support/program.ts';

const CLIENTS = 20;
const CHAT = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });
const CHAT_LIMIT = 10;
/** Longer than a worker may be silent. */
const ASLEEP_MS = 10_000;

let upstream: AnsweringUpstream;
let gateway: GatewayProgram;
let asked = 0;

beforeAll(async () => {
  // So slow that requests are under way whenever a process ends.
  upstream = await startAnsweringUpstream({ after: 50 });
  gateway = await startProgram({
    values: ['limits.address=100000/s', 'routes.search.limit=100000/s', 'limits.global.bucket.capacity=1000000'],
    definition: believeForwarded,
    variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2', DRAIN_DELAY_MS: '1000' },
  });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.close();
});

const search = () => ask(gateway.port, 'GET', `/v1/search?q=${asked++}`);
const isBusy = () =>
  eventually(async () => expect(await gateway.metric('http_server_active_requests')).toBeGreaterThan(0));

describe('a worker killed under load', () => {
  test('is replaced; only what it was working on is lost, and nothing that one retry does not get', async () => {
    const [victim] = gateway.workers();
    const lost: unknown[] = [];
    let failed = 0;
    let running = true;
    const load = Array.from({ length: CLIENTS }, async () => {
      while (running) {
        const first = await search().catch(() => undefined);
        if (first?.status === 200) continue;
        failed++;
        const second = await search().catch((error: unknown) => error);
        if ((second as { status?: unknown }).status !== 200) lost.push(second);
      }
    });
    await isBusy();
    process.kill(victim ?? 0, 'SIGKILL');
    await eventually(async () => expect(await gateway.metric('gateway_worker_restarts_total')).toBe(1));
    await eventually(async () => expect(await gateway.metric('gateway_workers')).toBe(2), 20_000);
    running = false;
    await Promise.all(load);
    expect(lost).toEqual([]);
    expect(failed).toBeLessThanOrEqual(CLIENTS);
    expect(gateway.workers()).not.toContain(victim);
    await eventually(async () => {
      expect(await gateway.metric('http_server_active_requests')).toBe(0);
      expect(await gateway.metric('gateway_lane_in_flight')).toBe(0);
    });
    expect(gateway.log()).not.toMatch(/unhandled|uncaught/i);
  });

  test('takes no limit with it: what was counted is counted', async () => {
    const caller = { ...newCaller(), 'content-type': 'application/json' };
    const chat = async () => {
      const { status, headers } = await ask(gateway.port, 'POST', '/v1/chat/completions', caller, CHAT);
      return status === 200 ? Number(/"chat";r=(\d+)/.exec(String(headers.ratelimit))?.[1]) : status;
    };
    expect([await chat(), await chat(), await chat()]).toEqual([CHAT_LIMIT - 1, CHAT_LIMIT - 2, CHAT_LIMIT - 3]);
    const restarts = await gateway.metric('gateway_worker_restarts_total');
    process.kill(gateway.workers()[0] ?? 0, 'SIGKILL');
    await eventually(async () => {
      expect(await gateway.metric('gateway_worker_restarts_total')).toBe(restarts + 1);
      expect(await gateway.metric('gateway_workers')).toBe(2);
    }, 20_000);
    const after = [];
    for (let request = 0; request < CHAT_LIMIT; request++) after.push(await chat());
    expect(after).toEqual([6, 5, 4, 3, 2, 1, 0, 429, 429, 429]);
  });
});

describe('a worker that stands still', () => {
  let watched: GatewayProgram;

  beforeAll(async () => {
    watched = await startProgram({
      values: ['gateway.silence.unready=2s', 'gateway.silence.end=8s', 'limits.address=100000/s'],
      definition: believeForwarded,
      variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
    });
  });
  afterAll(() => watched.stop());

  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${watched.opsPort}/readyz`);
    return { status: response.status, text: await response.text() };
  };
  const isWhole = () =>
    eventually(async () => {
      expect(await ready()).toEqual({ status: 200, text: 'ok\n' });
      expect(await watched.metric('gateway_workers')).toBe(2);
    }, 20_000);
  const health = () => ask(watched.port, 'GET', '/health', newCaller());

  test('is no capacity and not ready, then ended and replaced; whoever comes is served by the other', async () => {
    const [victim = 0] = watched.workers();
    let running = true;
    const lost: unknown[] = [];
    let answered = 0;
    const load = Array.from({ length: CLIENTS }, async () => {
      while (running) {
        const first = await health().catch(() => undefined);
        const last = first?.status === 200 ? first : await health().catch((error: unknown) => error);
        if ((last as { status?: unknown }).status === 200) answered++;
        else lost.push(last);
      }
    });
    await eventually(() => expect(answered).toBeGreaterThan(CLIENTS));
    process.kill(victim, 'SIGSTOP');
    try {
      await eventually(async () => {
        expect(await ready()).toEqual({
          status: 503,
          text: expect.stringMatching(`^not ready: worker \\d+ \\(process ${victim}\\) has said nothing for \\d+ s\n$`),
        });
      }, 6_000);
      expect(await watched.metric('gateway_workers')).toBe(1);
      expect(await watched.metric('gateway_worker_restarts_total')).toBe(0);
      const before = answered;
      await eventually(() => expect(answered).toBeGreaterThan(before + CLIENTS));
      await eventually(async () => expect(await watched.metric('gateway_worker_restarts_total')).toBe(1), 15_000);
    } finally {
      kill(victim, 'SIGKILL');
    }
    await isWhole();
    running = false;
    // Those that it had are told by the reset of their connection, and nobody waits on.
    await Promise.all(load);
    expect(lost).toEqual([]);
    expect(watched.workers()).not.toContain(victim);
    expect(watched.log().match(/a worker stands still/g)).toHaveLength(1);
    expect(watched.log().match(/ending it/g)).toHaveLength(1);
  });

  test('and goes on in time is ready again and the same', async () => {
    const before = watched.workers();
    const restarts = await watched.metric('gateway_worker_restarts_total');
    process.kill(before[0] ?? 0, 'SIGSTOP');
    try {
      await eventually(async () => expect((await ready()).status).toBe(503), 6_000);
    } finally {
      process.kill(before[0] ?? 0, 'SIGCONT');
    }
    await isWhole();
    expect(watched.workers()).toEqual(before);
    expect(await watched.metric('gateway_worker_restarts_total')).toBe(restarts);
    expect(watched.log()).toContain('a worker that stood still goes on');
  });

  test('together with all others, as on a laptop that slept, is held against nobody', async () => {
    const before = watched.workers();
    const restarts = await watched.metric('gateway_worker_restarts_total');
    const all = [watched.pid, ...before];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    try {
      const until = performance.now() + ASLEEP_MS;
      await eventually(() => expect(performance.now()).toBeGreaterThan(until), 2 * ASLEEP_MS);
    } finally {
      for (const pid of all) process.kill(pid, 'SIGCONT');
    }
    // At its first word already.
    expect((await ready()).status).toBe(200);
    expect((await health()).status).toBe(200);
    expect(watched.workers()).toEqual(before);
    expect(await watched.metric('gateway_worker_restarts_total')).toBe(restarts);
  });
});

describe('a program asked to stop under load', () => {
  test('answers every request that it was sent until it said that it is not ready, and all under way', async () => {
    const program = gateway;
    const answers: unknown[] = [];
    let running = true;
    const agents = Array.from({ length: CLIENTS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const load = agents.map(async (agent, index) => {
      // Half of the clients keep their connection, half make one for each request.
      while (running) answers.push(await statusOf(program.port, index % 2 === 0 ? agent : undefined));
    });
    await isBusy();
    const before = answers.length;
    process.kill(program.pid, 'SIGTERM');
    await eventually(async () => {
      const { status } = await fetch(`http://127.0.0.1:${program.opsPort}/readyz`);
      expect(status).toBe(503);
    });
    // A balancer looks away some time later, but within the drain delay.
    const enough = before + 5 * CLIENTS;
    await eventually(() => expect(answers.length).toBeGreaterThan(enough), 900);
    running = false;
    await Promise.all(load);
    for (const agent of agents) agent.destroy();
    expect(answers.filter((status) => status !== 200)).toEqual([]);
    await eventually(() => expect(program.log()).toContain('stopped'));
    expect(program.log()).not.toMatch(/unhandled|uncaught/i);
  });
});

/** Ends a process that may have ended. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It was replaced, as it should be.
  }
}

/** Status of a search, or what went wrong. */
function statusOf(port: number, agent: Agent | undefined): Promise<unknown> {
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', path: `/v1/search?q=${asked++}`, agent: agent ?? false });
    sent.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
      response.on('error', resolve);
    });
    sent.on('error', resolve);
    sent.end();
  });
}
