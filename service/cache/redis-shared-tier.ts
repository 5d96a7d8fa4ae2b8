import type { Redis } from 'ioredis';
import { createRedisKeyValue } from '../store/redis-key-value.ts';
import type { RedisConnection } from '../store/redis.ts';
import {
  JOURNAL_BOUNDS,
  type CacheMessage,
  type JournalStore,
  type LeaseStore,
  type Mark,
  type SharedTier,
} from './shared-tier.ts';

/** What is shared when Redis holds it. */
export type RedisSharedTierOptions = {
  readonly redis: RedisConnection;
  /** A connection of its own, in a cluster to any node: one that listens can do nothing else. */
  readonly subscriber: Redis;
  /** Put before every key and the channel, so that services can share one Redis. */
  readonly prefix: string;
  /** Told of a message that is none, and when listening could not begin: it is tried again with the next connection. */
  readonly onError: (error: unknown) => void;
};

/** The shared tier of all pods. Every call rejects when Redis does not answer in time. */
export function createRedisSharedTier({ redis, subscriber, prefix, onError }: RedisSharedTierOptions): SharedTier {
  const channel = `${prefix}cache-messages`;
  const listeners: ((message: CacheMessage) => void)[] = [];
  const tell = (message: CacheMessage): void => listeners.forEach((listener) => listener(message));
  subscriber.on('message', (from, text) => {
    if (from !== channel) return;
    try {
      tell(JSON.parse(text) as CacheMessage);
    } catch (error) {
      // Whoever has the password can send what he likes; it must not end the process.
      onError(error);
    }
  });
  const begin = (): void => {
    // Whatever was sent while nobody listened is lost.
    subscriber.subscribe(channel).then(() => tell({ type: 'gap' }), onError);
  };
  subscriber.on('ready', begin);
  if (subscriber.status === 'ready') begin();
  return {
    values: createRedisKeyValue(redis, prefix),
    leases: createRedisLeases(redis, prefix, channel),
    journal: createRedisJournal(redis, prefix, channel),
    listen: (listener) => void listeners.push(listener),
  };
}

/** Keys: the lease, and a note that somebody waits for it. Answers 0, or the milliseconds that are left. */
const TAKE = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local left = math.max(redis.call('PTTL', KEYS[1]), 1)
redis.call('SET', KEYS[2], 1, 'PX', left)
return left
`;

/** Compares and deletes, and tells those who wait. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if redis.call('DEL', KEYS[2]) == 1 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return 1
`;

/** Where Redis evicts a lease, or the note that somebody waits, it costs one more fetch or a look of who waits, no more. */
function createRedisLeases(redis: RedisConnection, prefix: string, channel: string): LeaseStore {
  const take = defineScript(redis, 'sluiceTakeLease', TAKE);
  const release = defineScript(redis, 'sluiceReleaseLease', RELEASE);
  const keysOf = (name: string): string[] => [`${prefix}lease:{${name}}`, `${prefix}lease:{${name}}:awaited`];
  return {
    async take(name, owner, lifetimeMs) {
      return (await take(keysOf(name), [owner, Math.max(1, Math.round(lifetimeMs))])) as number;
    },
    async release(name, owner) {
      const landed: CacheMessage = { type: 'landed', name };
      await release(keysOf(name), [owner, channel, JSON.stringify(landed)]);
    },
  };
}

/**
 * Keys: state (epoch, version), marks of keys, other marks. The clock is Redis's own. The scores are microseconds,
 * below 2^53, so that Lua's numbers hold them exactly; they are written out because Lua would round them to 14 digits.
 *
 * A Redis that is full may evict any key, also one of these three, and the answers that its marks void may survive it.
 * So both sets hold the epoch, above every mark; where one lacks it, the journal is lost and begins a new life, and
 * answers made before that are void to whoever reads of it. All do within a third of `maxStaleness`, so the bound holds
 * as without an eviction. Nothing is evicted while a script runs.
 */
const JOURNAL = `
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local text = function(number) return string.format('%.0f', number) end
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not (epoch and redis.call('ZSCORE', KEYS[2], epoch) and redis.call('ZSCORE', KEYS[3], epoch)) then
  epoch = text(now)
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'version', epoch)
  redis.call('ZADD', KEYS[2], '+inf', epoch)
  redis.call('ZADD', KEYS[3], '+inf', epoch)
end
local version = tonumber(redis.call('HGET', KEYS[1], 'version'))
`;

const ADD = `${JOURNAL}
local previous = version
version = math.max(now, previous + 1)
redis.call('HSET', KEYS[1], 'version', text(version))
local marks = cjson.decode(ARGV[1])
for _, mark in ipairs(marks) do
  redis.call('ZADD', string.sub(mark, 1, 1) == 'k' and KEYS[2] or KEYS[3], text(version), mark)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - ARGV[2] * 1000))
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -2 - ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', text(now - ARGV[4] * 1000))
local excess = redis.call('ZCARD', KEYS[3]) - 1 - ARGV[5]
if excess > 0 then
  local popped = redis.call('ZPOPMIN', KEYS[3], excess)
  redis.call('ZADD', KEYS[3], 'GT', popped[#popped], 'a')
end
redis.call('PUBLISH', ARGV[6], '{"type":"marks","previous":' .. text(previous) .. ',"version":' .. text(version)
  .. ',"marks":' .. ARGV[1] .. '}')
return {text(previous), text(version)}
`;

const SINCE = `${JOURNAL}
local answer = {epoch, text(version)}
for key = 2, 3 do
  for _, item in ipairs(redis.call('ZRANGE', KEYS[key], '(' .. ARGV[1], '(+inf', 'BYSCORE', 'WITHSCORES')) do
    answer[#answer + 1] = item
  end
end
return answer
`;

function createRedisJournal(redis: RedisConnection, prefix: string, channel: string): JournalStore {
  const add = defineScript(redis, 'sluiceAddToJournal', ADD);
  const since = defineScript(redis, 'sluiceReadJournal', SINCE);
  const keys = ['state', 'keys', 'marks'].map((part) => `${prefix}{journal}:${part}`);
  const { keepMs, keepKeysMs, maxMarks, maxKeyMarks } = JOURNAL_BOUNDS;
  return {
    async add(marks) {
      const values = [JSON.stringify(marks), keepKeysMs, maxKeyMarks, keepMs, maxMarks, channel];
      const [previous, version] = (await add(keys, values)) as string[];
      return { previous: Number(previous), version: Number(version) };
    },
    async since(known) {
      const [epoch = '', version, ...rest] = (await since(keys, [known])) as string[];
      const marks = rest.flatMap((mark, index) =>
        index % 2 === 0 ? [[mark as Mark, Number(rest[index + 1])] as const] : [],
      );
      return { epoch, begins: Number(epoch), version: Number(version), marks };
    },
  };
}

/** ioredis sends EVALSHA, and EVAL when Redis has forgotten the script. */
function defineScript(
  redis: RedisConnection,
  name: string,
  lua: string,
): (keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown> {
  redis.defineCommand(name, { lua });
  const command = Reflect.get(redis, name) as (...values: unknown[]) => Promise<unknown>;
  return (keys, values) => command.call(redis, keys.length, ...keys, ...values);
}
