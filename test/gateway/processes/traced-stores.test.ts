import { describe, expect, test } from '@jest/globals';
import { traceCalls, traceDatabase, traceLimits } from '../../../service/gateway/processes/traced-stores.ts';
import type { SharedVerdict } from '../../../service/limit/policy.ts';
import type { Database } from '../../../service/store/postgres.ts';
import { runInTrace, Trace } from '../../../service/telemetry/trace/index.ts';

const SECRET = 'alice@example.com';

/** A database that answers what it was asked, and fails at what says so. */
const answering: Pick<Database, 'query' | 'transaction'> = {
  query: (_lane, text) =>
    text === 'fail' ? Promise.reject(new TypeError(SECRET)) : Promise.resolve([{ text }] as never),
  transaction: (_lane, work) => work((text) => Promise.resolve([{ text }] as never)),
};
const database = traceDatabase(answering as Database);

const inTrace = async (work: () => Promise<unknown>): Promise<Trace> => {
  const trace = new Trace(performance.now());
  await runInTrace(trace, work, undefined).catch(() => undefined);
  await Promise.resolve();
  return trace;
};

describe('a span of a store', () => {
  test('tells of a statement of Postgres, without its values', async () => {
    const { spans } = await inTrace(() =>
      database.query('critical', 'SELECT *\n   FROM users WHERE mail = $1', [SECRET]),
    );
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      name: 'postgres',
      kind: 'client',
      failure: undefined,
      attributes: ['db.system.name', 'postgresql', 'db.query.text', 'SELECT * FROM users WHERE mail = $1'],
    });
    expect(spans[0]?.endedAt).not.toBeNaN();
    expect(JSON.stringify(spans)).not.toContain(SECRET);
  });

  test('tells of a failure by its kind, and leaves it to whoever asked', async () => {
    const { spans } = await inTrace(async () => {
      await expect(database.query('critical', 'fail', [])).rejects.toThrow(SECRET);
    });
    expect(spans[0]).toMatchObject({ failure: 'TypeError' });
    expect(JSON.stringify(spans)).not.toContain(SECRET);
  });

  test('tells of a transaction and each of its statements', async () => {
    const { spans } = await inTrace(() =>
      database.transaction('critical', async (query) => {
        await query('INSERT 1', []);
        return query('INSERT 2', []);
      }),
    );
    expect(spans.map(({ name }) => name)).toEqual(['postgres transaction', 'postgres', 'postgres']);
    expect(spans.every(({ endedAt }) => !Number.isNaN(endedAt))).toBe(true);
  });

  test('tells of a call of Redis, without keys and values', async () => {
    const store = traceCalls({ get: (key: string) => Promise.resolve(`value of ${key}`) });
    const { spans } = await inTrace(async () => {
      expect(await store.get(SECRET)).toBe(`value of ${SECRET}`);
    });
    expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['redis', ['db.system.name', 'redis', 'db.operation.name', 'get']],
    ]);
  });

  test('tells of limits that Redis decides', async () => {
    const verdict = {} as SharedVerdict;
    const limits = traceLimits({ ask: () => Promise.resolve(verdict) });
    const { spans } = await inTrace(async () => {
      expect(await limits.ask({ caller: SECRET, policies: [] })).toBe(verdict);
    });
    expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['redis', ['db.system.name', 'redis', 'db.operation.name', 'take limits']],
    ]);
  });

  test('is none outside of a request', async () => {
    expect(await database.query('critical', 'SELECT 1', [])).toEqual([{ text: 'SELECT 1' }]);
  });
});
