import { describe, expect, test } from '@jest/globals';
import { createRetryBudget } from '../../service/resilience/index.ts';

describe('a retry budget', () => {
  const create = (options: { ratio: number; minimumPerSecond?: number }) => {
    const clock = { now: 0 };
    return { clock, budget: createRetryBudget({ ...options, now: () => clock.now }) };
  };
  const retries = (budget: { tryRetry(): boolean }, tries: number): number =>
    Array.from({ length: tries }, () => budget.tryRetry()).filter(Boolean).length;

  test('allows the share of the requests of the window and no more', () => {
    const { budget } = create({ ratio: 0.1, minimumPerSecond: 0 });
    for (let request = 0; request < 100; request++) budget.onRequest();
    expect(retries(budget, 50)).toBe(10);
  });

  test('allows a few where there is little traffic', () => {
    const { budget } = create({ ratio: 0.1 });
    budget.onRequest();
    expect(retries(budget, 50)).toBe(10);
  });

  test('allows none without requests where there is no minimum', () => {
    expect(create({ ratio: 0.5, minimumPerSecond: 0 }).budget.tryRetry()).toBe(false);
  });

  test('forgets requests and retries that have left the window', () => {
    const { clock, budget } = create({ ratio: 0.1, minimumPerSecond: 0 });
    for (let request = 0; request < 100; request++) budget.onRequest();
    expect(retries(budget, 5)).toBe(5);
    clock.now = 10_000;
    expect(budget.tryRetry()).toBe(false);
    for (let request = 0; request < 20; request++) budget.onRequest();
    expect(retries(budget, 5)).toBe(2);
  });

  test('bounds what a client that fails altogether sends, whatever its attempts', () => {
    const { clock, budget } = create({ ratio: 0.2, minimumPerSecond: 1 });
    let sent = 0;
    for (let request = 0; request < 10_000; request++) {
      clock.now += 10;
      budget.onRequest();
      sent++;
      for (let attempt = 1; attempt < 5 && budget.tryRetry(); attempt++) sent++;
    }
    // 100 seconds of 100 requests each, a fifth of them again, and one a second beside.
    expect(sent).toBeLessThanOrEqual(10_000 * 1.2 + 100 + 10);
    expect(sent).toBeGreaterThan(11_500);
  });
});
