import { describe, expect, test } from '@jest/globals';
import { definition } from '../../service/definition/index.ts';
import { createBreaker, guarded, type GuardOptions } from '../../service/resilience/index.ts';

function create(options: Partial<GuardOptions> = {}) {
  const settings = { ...definition.dev.resilience.breakers.redis, consecutiveFailures: 2 };
  const breaker = createBreaker({ name: 'redis', settings, now: () => 0 });
  const guard = guarded(breaker, { refuse: ({ name }) => new Error(`${name} is left alone`), ...options });
  return { breaker, guard };
}
const broken = new Error('broken');
const fail = () => Promise.reject(broken);

describe('a guarded call', () => {
  test('gives what it gives, and counts', async () => {
    const { breaker, guard } = create();
    await expect(guard(() => Promise.resolve(7))).resolves.toBe(7);
    expect(breaker.row()).toMatchObject({ calls: 1, failures: 0 });
  });

  test('throws what it throws, and is not made any more once the breaker is open', async () => {
    const { guard } = create();
    await expect(guard(fail)).rejects.toBe(broken);
    await expect(guard(fail)).rejects.toBe(broken);
    let made = false;
    await expect(guard(() => Promise.resolve((made = true)))).rejects.toThrow('redis is left alone');
    expect(made).toBe(false);
  });

  test('that throws before it makes a promise counts like one that rejects', async () => {
    const { breaker, guard } = create();
    const call = () => {
      throw broken;
    };
    await expect(guard(call)).rejects.toBe(broken);
    expect(breaker.row()).toMatchObject({ calls: 1, failures: 1 });
  });

  test('that was aborted counts nothing', async () => {
    const { breaker, guard } = create();
    const gone = new DOMException('The client left', 'AbortError');
    await expect(guard(() => Promise.reject(gone))).rejects.toBe(gone);
    expect(breaker.row()).toMatchObject({ calls: 0 });
  });

  test('whose error is an answer of the callee is no failure', async () => {
    const { breaker, guard } = create({ classify: (error) => (error === broken ? 'success' : 'failure') });
    for (let call = 0; call < 5; call++) await expect(guard(fail)).rejects.toBe(broken);
    expect(breaker.row()).toMatchObject({ state: 'closed', calls: 5, failures: 0 });
  });
});
