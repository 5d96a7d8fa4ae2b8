import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createApiKey, findKey, revokeApiKey } from '../../service/app/index.ts';
import { definition } from '../../service/definition/index.ts';
import { authenticate } from '../../service/gateway/stages/authenticate.ts';
import { createBreaker } from '../../service/resilience/index.ts';
import { migrate } from '../../service/store/migrate.ts';
import type { Database } from '../../service/store/postgres.ts';
import { exchangeFor } from '../app/exchange.ts';
import { openDatabase, startPostgres, type TestPostgres } from '../store/test-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';

const BELIEVED_MS = 15 * 60_000;
const REMEMBERED_MS = 30_000;

let postgres: TestPostgres;
let proxy: FaultProxy;
/** As the gateway asks, through the proxy, and as a person does. */
let database: Database;
let direct: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.connectionString, { log: () => undefined });
  direct = openDatabase(postgres.connectionString);
});
afterAll(async () => {
  await direct.close();
  await postgres.remove();
});
beforeEach(async () => {
  const address = new URL(postgres.connectionString);
  proxy = await startFaultProxy(Number(address.port));
  address.port = String(proxy.port);
  const settings = { ...definition.dev.resilience.breakers.postgres, open: '100ms' } as const;
  database = openDatabase(address.href, { breaker: createBreaker({ name: 'postgres', settings }) });
});
afterEach(async () => {
  proxy.set({ kind: 'none' });
  await database.close();
  await proxy.close();
});

/** A key, and what becomes of requests that show it: its owner, or the code of what it is refused with. */
async function stageWithKey() {
  const { key, id } = await createApiKey(direct, { owner: 'ada', name: 'test' });
  const clock = { time: Date.now() };
  const stage = authenticate({
    credentials: {
      key: (hash, timeoutMs) => findKey(database, hash, AbortSignal.timeout(timeoutMs)),
      session: () => Promise.resolve(undefined),
    },
    keysBelievedForMs: BELIEVED_MS,
    now: () => clock.time,
  });
  const ask = async (): Promise<string | undefined> => {
    const exchange = exchangeFor('search', () => ({ status: 200, headers: [], body: null }), {
      headers: { authorization: `Bearer ${key}` },
    });
    try {
      await stage(exchange);
      return exchange.refusal?.code ?? exchange.caller.owner;
    } catch (error) {
      return (error as { code?: string }).code ?? (error as Error).name;
    } finally {
      exchange.stopDeadline();
    }
  };
  return { id, clock, ask };
}

test.each(['refuse', 'reset', 'black-hole'] as const)(
  'while Postgres is away (%s), a key that it knew is believed for a quarter of an hour, whatever its breaker does',
  async (kind) => {
    const { clock, ask } = await stageWithKey();
    expect(await ask()).toBe('ada');
    proxy.set({ kind });
    clock.time += REMEMBERED_MS;
    for (let look = 0; look < 8; look++) {
      expect(await ask()).toBe('ada');
      clock.time += 5_000;
    }
    clock.time += BELIEVED_MS;
    expect(['store-unavailable', 'deadline-exceeded', 'TimeoutError']).toContain(await ask());
  },
  30_000,
);

test('a key that Postgres says is revoked is believed no more, not even when Postgres goes again', async () => {
  const { id, clock, ask } = await stageWithKey();
  expect(await ask()).toBe('ada');
  proxy.set({ kind: 'refuse' });
  clock.time += REMEMBERED_MS;
  expect(await ask()).toBe('ada');
  await revokeApiKey(direct, id);
  proxy.set({ kind: 'none' });
  await eventually(async () => {
    clock.time += 5_000;
    expect(await ask()).toBe('authentication-failed');
  });
  proxy.set({ kind: 'refuse' });
  clock.time += 5_000;
  expect(await ask()).toBe('store-unavailable');
});
