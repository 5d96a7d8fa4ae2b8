import { afterAll, describe, expect, test } from '@jest/globals';
import { createStatusHandler } from '../../service/app/status.ts';
import { definition } from '../../service/definition/index.ts';
import { createBreaker, createBreakerRegistry } from '../../service/resilience/index.ts';
import { openDatabase } from '../store/test-postgres.ts';
import { exchangeFor } from './exchange.ts';

describe('GET /status', () => {
  // Nobody listens there: whatever asked the database would fail.
  const database = openDatabase('postgres://someone:secret@127.0.0.1:1/none');
  const registry = createBreakerRegistry();
  const { breakers } = definition.dev.resilience;
  const postgres = registry.add(createBreaker({ name: 'postgres', settings: breakers.postgres }));
  registry.add(createBreaker({ name: 'payment', settings: breakers.payment }));
  const handler = createStatusHandler({
    version: '1.2.3',
    database,
    breakers: () => registry.rows(),
    uptime: () => 61.9,
  });
  const ask = async (): Promise<Record<string, unknown>> => {
    const { status, headers, body } = await handler(exchangeFor('status', handler));
    expect(status).toBe(200);
    expect(headers).toEqual(expect.arrayContaining(['cache-control', 'no-store']));
    expect(body).not.toMatch(/secret|127\.0\.0\.1/);
    return JSON.parse(body as string) as Record<string, unknown>;
  };

  afterAll(() => database.close());

  test('tells what this process is and what it knows of its dependencies, without asking them', async () => {
    const idle = { open: 0, idle: 0, in_use: 0, waiting: 0, limit: 1 };
    const closed = { state: 'closed', since: expect.stringMatching(/Z$/) };

    expect(await ask()).toEqual({
      status: 'ok',
      version: '1.2.3',
      uptime_seconds: 61,
      breakers: { payment: closed, postgres: closed },
      postgres_connections: { critical: idle, background: idle },
    });
  });

  test('is degraded as long as a dependency is left alone', async () => {
    postgres.forceOpen();
    expect(await ask()).toMatchObject({ status: 'degraded', breakers: { postgres: { state: 'open' } } });

    postgres.reset();
    expect(await ask()).toMatchObject({ status: 'ok' });
  });

  test('is asked less often at peak than else', () => {
    const { limit, lane } = definition.prod.routes.status ?? {};

    expect(lane).toBe('background');
    expect(limit).toMatchObject({ window: '30/h', schedule: [{ from: '09:00', to: '17:00', window: '10/h' }] });
  });
});
