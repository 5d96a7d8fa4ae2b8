import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isAlive, isStopped } from '../../../../chaos/drill/local/processes.ts';
import { readRecord, type RecordedProcess } from '../../../../chaos/drill/local/record.ts';
import type { LocalStand } from '../../../../chaos/drill/local/stand.ts';
import type { LocalFault } from '../../../../chaos/experiment.ts';
import { METRICS, select } from '../../../../service/telemetry/catalogue.ts';
import { eventually } from '../../../support/eventually.ts';
import { experimentWith, startStand } from './drill.ts';
import { standMissing } from './servers.ts';

const missing = standMissing();
if (missing !== undefined) console.warn(`skipped: the stand of local drills: ${missing}`);

/** Longer than any of the tests: nothing is taken back by itself. */
const LONG_MS = 600_000;

(missing === undefined ? describe : describe.skip)('a stand on this machine', () => {
  const state = mkdtempSync(join(tmpdir(), 'sluice-test-stand-'));
  const lines: string[] = [];
  let stand: LocalStand;
  let processes: readonly RecordedProcess[] = [];
  let folder = '';

  beforeAll(async () => {
    stand = await startStand(state, (line) => lines.push(line), ['telemetry.logs.buffer=16Ki']);
    const record = readRecord(state);
    processes = record?.processes ?? [];
    folder = record?.folder ?? '';
  }, 90_000);
  afterEach(() => stand.revert());
  afterAll(() => rmSync(state, { recursive: true }));

  const inject = (fault: LocalFault, deadline = LONG_MS) => stand.inject(experimentWith(fault), deadline);
  const named = (name: string) => (readRecord(state)?.processes ?? []).filter((each) => each.name === name);
  const request = async (method: string, path: string, body?: object, token = stand.credentials.key) => {
    const response = await fetch(`${stand.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, text: await response.text() };
  };
  const order = () => request('POST', '/create-order', { item: 'tea', quantity: 1 });
  let searches = 0;
  const search = (word = `stand-${++searches}`) => request('GET', `/v1/search?q=${word}`);
  const valueOf = async (query: string): Promise<number> => (await stand.query(query))[0]?.value ?? Number.NaN;
  const answersAgain = (ask: () => Promise<{ status: number }>, status: number) =>
    eventually(async () => expect((await ask()).status).toBe(status), 40_000, 100);

  test('answers clients, and is well', async () => {
    expect((await search()).status).toBe(200);
    expect((await order()).status).toBe(201);
    expect((await request('GET', '/session', undefined, stand.credentials.sessions[0])).status).toBe(200);
    expect(await stand.pods()).toEqual({ ready: 2, wanted: 2 });
    expect(Object.values(await stand.breakers()).every((open) => open === 0)).toBe(true);
    expect(await stand.leftovers()).toEqual([]);
    expect((await stand.alerts()).map(({ alert }) => alert)).toEqual(['Watchdog']);
    const { length } = await stand.query(select(METRICS.up));
    expect({ length, wrong: await valueOf(`sum(${select(METRICS.up)} == bool 0)`) }).toEqual({ length: 4, wrong: 0 });
  });

  test('tells what it cannot see, and what runs', async () => {
    expect(stand.blindTo('guard')).toContain('no releases');
    for (const kind of ['alert', 'breaker', 'pods-ready', 'query', 'fetches'] as const)
      expect(stand.blindTo(kind)).toBeUndefined();
    expect(await stand.guardEnding(0)).toBeUndefined();
    const versions = await stand.versions();
    expect(Object.keys(versions).sort()).toEqual(['alertmanager', 'node', 'postgres', 'prometheus', 'redis', 'sluice']);
    expect(Object.values(versions).filter((version) => !/^\d+\.\d+/.test(version))).toEqual([]);
  });

  test('counts what reaches the upstream, whatever becomes of it', async () => {
    const before = await stand.upstreamRequests();
    await search('counted');
    await search('counted');
    expect((await stand.upstreamRequests()) - before).toBe(1);
  });

  test('tells of an alert since when it fires, and wakes nobody', async () => {
    const injectedAt = Date.now();
    await inject({ kind: 'proxy', on: ['redis'], fault: { kind: 'refuse' } });
    const [fired] = await eventually(async () => {
      const down = (await stand.alerts()).filter(({ alert }) => alert === 'RedisDown');
      expect(down).toHaveLength(1);
      return down;
    }, 30_000);
    expect(fired?.labels).toMatchObject({ store: 'redis', namespace: 'sluice-dev' });
    // A minute in production.
    expect(fired?.since).toBeGreaterThan(injectedAt + 3_000);
    expect(fired?.since).toBeLessThanOrEqual(Date.now());
    await eventually(() =>
      expect(stand.told().map(({ receiver, labels }) => [receiver, labels.alertname])).toContainEqual([
        'team',
        'RedisDown',
      ]),
    );
  });

  test('has several proxies do one fault', async () => {
    await inject({ kind: 'proxy', on: ['redis', 'redis-cache'], fault: { kind: 'refuse' } });
    await eventually(async () => {
      await search();
      const { redis, 'redis-cache': cache, postgres } = await stand.breakers();
      expect({ both: Math.min(redis ?? 0, cache ?? 0) > 0, postgres }).toEqual({ both: true, postgres: 0 });
    }, 20_000);
    await stand.revert();
    await eventually(async () => {
      await search();
      expect(await stand.breakers()).toMatchObject({ redis: 0, 'redis-cache': 0 });
    }, 20_000);
  });

  test('freezes Postgres with everything that serves a connection, and lets all of it go on', async () => {
    await inject({ kind: 'freeze', program: 'postgres' });
    const frozen = named('postgres').filter(isAlive);
    expect(frozen.length).toBeGreaterThan(3);
    expect(frozen.filter((each) => !isStopped(each))).toEqual([]);
    expect(readRecord(state)?.fault).toBe('postgres stands still');
    await stand.revert();
    expect(frozen.filter(isStopped)).toEqual([]);
    expect(readRecord(state)?.fault).toBeUndefined();
    await answersAgain(order, 201);
  });

  test('freezes one worker of the gateway alone', async () => {
    await inject({ kind: 'freeze', program: 'gateway' });
    expect(named('gateway').filter(isStopped)).toHaveLength(1);
    await stand.revert();
    expect(named('gateway').filter(isStopped)).toEqual([]);
    await answersAgain(search, 200);
  });

  // Before Postgres is killed: who counts the connections needs one, and finds none once all are taken.
  test('takes every connection that Postgres has left, and gives them back', async () => {
    const share = `sum(${select(METRICS.postgresConnections)}) / max(${select(METRICS.postgresMaxConnections)})`;
    await order();
    await inject({ kind: 'postgres-connections' });
    await eventually(async () => expect(await valueOf(share)).toBeGreaterThan(0.8));
    // With a connection that it had.
    expect((await order()).status).toBe(201);
    await stand.revert();
    await eventually(async () => expect(await valueOf(share)).toBeLessThan(0.5));
  });

  test('kills Redis, and starts it with what it held', async () => {
    const [before] = named('redis');
    await inject({ kind: 'kill', program: 'redis' });
    expect(before && isAlive(before)).toBe(false);
    await eventually(async () => expect(await valueOf(select(METRICS.redisUp, { store: 'redis' }))).toBe(0));
    await stand.revert();
    expect(named('redis').filter(isAlive)).toHaveLength(1);
    // The session was made before.
    await answersAgain(() => request('GET', '/session', undefined, stand.credentials.sessions[0]), 200);
  });

  test('kills Postgres, and starts it with what it held', async () => {
    const { text } = await order();
    const { id } = JSON.parse(text) as { id: string };
    await inject({ kind: 'kill', program: 'postgres' });
    expect(named('postgres').filter(isAlive)).toEqual([]);
    expect((await order()).status).toBe(503);
    await stand.revert();
    await answersAgain(() => request('GET', `/orders/${id}`), 200);
  });

  test('kills one worker, which the gateway replaces', async () => {
    const before = named('gateway').filter(isAlive).length;
    const killedAt = Date.now();
    await inject({ kind: 'kill', program: 'gateway' });
    await stand.revert();
    expect(Date.now()).toBeGreaterThan(killedAt);
    expect(named('gateway').filter(isAlive)).toHaveLength(before - 1);
    await eventually(async () => expect(await stand.pods()).toEqual({ ready: 2, wanted: 2 }), 40_000);
    await eventually(async () => expect(await valueOf(select(METRICS.workerRestarts))).toBe(1));
  });

  test('leaves the log of the gateway unread', async () => {
    const dropped = `sum(${select(METRICS.logDropped)})`;
    await inject({ kind: 'log-stuck' });
    await eventually(async () => {
      await search();
      expect(await valueOf(dropped)).toBeGreaterThan(0);
    }, 40_000);
    await stand.revert();
    const before = await eventually(() => valueOf(dropped));
    expect(before).toBeGreaterThan(0);
  });

  test('has the caches forget what everybody asks for, while the upstream is slow', async () => {
    await search('everybody');
    const before = await stand.upstreamRequests();
    await inject({ kind: 'expire-key', latency: '300ms' });
    await eventually(async () => {
      await search('everybody');
      expect((await stand.upstreamRequests()) - before).toBe(1);
    });
    await stand.revert();
    expect((await search('everybody')).status).toBe(200);
  });

  test('refuses a second fault, and one that it cannot do', async () => {
    await inject({ kind: 'freeze', program: 'redis-cache' });
    await expect(inject({ kind: 'freeze', program: 'upstream' })).rejects.toThrow('there is a fault already');
    await stand.revert();
    const evicted = experimentWith(undefined, { means: { kubernetes: { kind: 'evict-pods', component: 'gateway' } } });
    expect(stand.meansFor(evicted)).toEqual({ skipped: 'only a cluster has pods to evict' });
    expect(stand.touches(evicted)).toEqual([]);
    await expect(stand.inject(evicted, LONG_MS)).rejects.toThrow('only a cluster has pods to evict');
  });

  test('takes a fault back by itself when its time is over', async () => {
    await inject({ kind: 'freeze', program: 'upstream' }, 200);
    await eventually(() => expect(lines.join('\n')).toContain('its time is over: upstream stands still'));
    await eventually(() => expect(named('upstream').filter(isStopped)).toEqual([]));
    expect(readRecord(state)?.fault).toBeUndefined();
  });

  test('leaves no process, no folder and no record behind', async () => {
    expect(processes.length).toBeGreaterThan(10);
    await inject({ kind: 'freeze', program: 'redis' });
    const known = [...processes, ...(readRecord(state)?.processes ?? [])];
    await stand.close();
    expect(known.filter(isAlive)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(state)).toEqual([]);
  });
});
