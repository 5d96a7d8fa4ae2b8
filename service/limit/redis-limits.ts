import type { Redis } from 'ioredis';
import type { LimitStore } from './policy.ts';

/**
 * Sliding window logs in sorted sets, checked and charged in one script, so that no other request comes between.
 * The clock is Redis's own: pods whose clocks differ agree. Answers allowed, then remaining and reset of each limit.
 */
const SCRIPT = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local allowed = 1
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - ARGV[2 * i + 1])
  if redis.call('ZCARD', key) >= tonumber(ARGV[2 * i]) then allowed = 0 end
end
local answer = {allowed}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if allowed == 1 then
    redis.call('ZADD', key, now, ARGV[1])
    redis.call('PEXPIRE', key, window)
  end
  answer[2 * i] = limit - redis.call('ZCARD', key)
  local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  answer[2 * i + 1] = oldest[2] and oldest[2] + window - now or 0
end
return answer
`;

/** Settings of a limit store in Redis. */
export type RedisLimitOptions = {
  /** Put before every key, so that services can share one Redis. */
  readonly prefix: string;
  /** Names a request uniquely among all processes, for its entry in the log. */
  readonly nextId: () => string;
};

/** Counts that all pods share. Rejects when Redis does not answer in time. */
export function createRedisLimits(redis: Redis, { prefix, nextId }: RedisLimitOptions): LimitStore {
  const evaluate = defineScript(redis);
  return {
    async take(checks) {
      const keys = checks.map(({ key, policy }) => `${prefix}{${key}}:${policy.name}`);
      const settings = checks.flatMap(({ policy }) => [policy.limit, policy.windowMs]);
      const [allowed, ...rest] = await evaluate(keys, [nextId(), ...settings]);
      return {
        allowed: allowed === 1,
        remaining: rest.filter((_, index) => index % 2 === 0).map((left) => Math.max(0, left)),
        resetMs: rest.filter((_, index) => index % 2 === 1),
      };
    },
  };
}

/** ioredis sends EVALSHA, and EVAL when Redis has forgotten the script. */
function defineScript(redis: Redis): (keys: string[], values: (string | number)[]) => Promise<number[]> {
  redis.defineCommand('sluiceTakeLimits', { lua: SCRIPT });
  const command = Reflect.get(redis, 'sluiceTakeLimits') as (...values: unknown[]) => Promise<number[]>;
  return (keys, values) => command.call(redis, keys.length, ...keys, ...values);
}
