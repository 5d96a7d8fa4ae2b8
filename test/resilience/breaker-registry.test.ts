import { expect, test } from '@jest/globals';
import { definition, toMilliseconds } from '../../service/definition/index.ts';
import { createBreaker, createBreakerRegistry } from '../../service/resilience/index.ts';

const settings = definition.dev.resilience.breakers.postgres;
const create = (name: string) => createBreaker({ name, settings, now: () => 0, random: () => 0 });

test('lists its breakers by name as they are, in a form that JSON keeps', () => {
  const registry = createBreakerRegistry();
  registry.add(create('redis'));
  registry.add(create('postgres')).forceOpen();
  expect(JSON.parse(JSON.stringify(registry.rows()))).toMatchObject([
    { name: 'postgres', state: 'open', cause: 'forced', retryAfterMs: toMilliseconds(settings.open) },
    { name: 'redis', state: 'closed', calls: 0, failures: 0, slow: 0, retryAfterMs: 0 },
  ]);
});

test('finds a breaker by its name, and refuses a second of the same', () => {
  const registry = createBreakerRegistry();
  const redis = registry.add(create('redis'));
  expect(registry.find('redis')).toBe(redis);
  expect(registry.find('other')).toBeUndefined();
  expect(() => registry.add(create('redis'))).toThrow("two breakers of the name 'redis'");
});
