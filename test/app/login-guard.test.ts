import { describe, expect, test } from '@jest/globals';
import { createLoginGuard } from '../../service/app/index.ts';
import { createMemoryLimits, type LimitStore } from '../../service/limit/index.ts';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';

const MINUTE = 60_000;

/** A guard with a clock that the test moves. */
function guardAt() {
  const clock = { time: 1_000_000 };
  const now = (): number => clock.time;
  const values = createMemoryKeyValue({ maxBytes: 1 << 20, now });
  const limits = createMemoryLimits({ trackedCallers: 1000, now });
  const guard = createLoginGuard({ limits, values });
  return {
    clock,
    values,
    guard,
    /** How many of so many wrong attempts at once are let through. */
    async wrong(username: string, place: string, times = 1): Promise<number> {
      const attempts = Array.from({ length: times }, () =>
        guard.admit(username, place).then(
          () => 1,
          () => 0,
        ),
      );
      return (await Promise.all(attempts)).reduce<number>((sum, each) => sum + each, 0);
    },
  };
}

describe('the guard of log-ins', () => {
  test('lets ten wrong attempts through from one place in a quarter of an hour, also when they come at once', async () => {
    const { wrong, clock, guard } = guardAt();

    expect(await wrong('ada', '192.0.2.1', 30)).toBe(10);
    await expect(guard.admit('ada', '192.0.2.1')).rejects.toMatchObject({
      code: 'limit-exceeded',
      details: { headers: ['retry-after', '900'] },
    });
    expect(await wrong('bob', '192.0.2.1')).toBe(1);

    clock.time += 15 * MINUTE;
    expect(await wrong('ada', '192.0.2.1', 30)).toBe(10);
  });

  test('counts anew after a success, so that nobody who knows the password is held', async () => {
    const { guard } = guardAt();

    for (let login = 0; login < 40; login++) await (await guard.admit('ada', '192.0.2.1'))();
  });

  test('lets fifty attempts through from all new places together in an hour', async () => {
    const { wrong, clock } = guardAt();

    let admitted = 0;
    for (let place = 0; place < 200; place++) admitted += await wrong('ada', `198.51.100.${place}`, 2);

    expect(admitted).toBe(50);
    expect(await wrong('bob', '198.51.100.1')).toBe(1);
    clock.time += 60 * MINUTE;
    expect(await wrong('ada', '198.51.100.1')).toBe(1);
  });

  test('holds nobody at a usual place for what strangers try elsewhere', async () => {
    const { wrong, guard, clock } = guardAt();
    await (
      await guard.admit('ada', '192.0.2.1')
    )();
    clock.time += 7 * 24 * 60 * MINUTE;

    for (let place = 0; place < 100; place++) await wrong('ada', `198.51.100.${place}`);

    expect(await wrong('ada', '203.0.113.1')).toBe(0);
    await (
      await guard.admit('ada', '192.0.2.1')
    )();
  });

  test('forgets a usual place when nobody has logged in there for a month', async () => {
    const { wrong, guard, clock } = guardAt();
    await (
      await guard.admit('ada', '192.0.2.1')
    )();
    clock.time += 31 * 24 * 60 * MINUTE;

    for (let place = 0; place < 100; place++) await wrong('ada', `198.51.100.${place}`);

    expect(await wrong('ada', '192.0.2.1')).toBe(0);
  });

  test('lets nobody guess while attempts cannot be counted', async () => {
    const values = createMemoryKeyValue({ maxBytes: 1 << 20 });
    const take: LimitStore['take'] = (_caller, policies) => {
      expect(policies.map(({ whenStoreDown }) => whenStoreDown)).toEqual(['closed']);
      return {
        allowed: false,
        remaining: [0],
        resetMs: [0],
        deniedBy: [0],
        shadowed: [],
        unavailable: true,
        release: undefined,
      };
    };
    const guard = createLoginGuard({ limits: { take }, values });

    await expect(guard.admit('ada', '192.0.2.1')).rejects.toMatchObject({ code: 'limits-unavailable' });
  });

  test('keeps no name in clear', async () => {
    const keys: string[] = [];
    const values = createMemoryKeyValue({ maxBytes: 1 << 20 });
    const memory = createMemoryLimits({ trackedCallers: 10 });
    const guard = createLoginGuard({
      limits: { take: (caller, policies) => (keys.push(caller), memory.take(caller, policies)) },
      values: { get: values.get, set: (key, value, lifetime) => (keys.push(key), values.set(key, value, lifetime)) },
    });

    await (
      await guard.admit('ada.lovelace', '192.0.2.1')
    )();

    expect(keys).toHaveLength(3);
    expect(keys.join()).not.toContain('lovelace');
  });
});
