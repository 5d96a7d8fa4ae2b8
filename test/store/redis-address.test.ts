import { describe, expect, test } from '@jest/globals';
import { parseRedisAddress, REDIS_ADDRESS_EXAMPLES, RedisAddressError } from '../../service/store/redis-address.ts';

const DEFAULTS = { port: 6379, db: 0 };
const parse = (text: string, defaults = {}) => parseRedisAddress(text, { ...DEFAULTS, ...defaults });

describe('the address of a Redis', () => {
  test.each<[text: string, address: object]>([
    ['redis://r', { host: 'r', port: 6379, db: 0, tls: false }],
    ['rediss://u:p%40@r:7000/3', { host: 'r', port: 7000, username: 'u', password: 'p@', db: 3, tls: true }],
    ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0, tls: false }],
  ])('%s names a server', (text, address) => {
    expect(parse(text)).toEqual(address);
  });

  test.each<[text: string, address: object]>([
    [
      'redis-sentinel://:p%40ss@a:26379,b:1/2#state',
      {
        ...{ host: 'a', port: 26379, db: 2, tls: false, password: 'p@ss' },
        sentinels: {
          group: 'state',
          endpoints: [
            { host: 'a', port: 26379 },
            { host: 'b', port: 1 },
          ],
        },
      },
    ],
    [
      'rediss-sentinel://u:p@a,[::1]#my%20group',
      {
        ...{ host: 'a', port: 26379, db: 0, tls: true, username: 'u', password: 'p' },
        sentinels: {
          group: 'my group',
          endpoints: [
            { host: 'a', port: 26379 },
            { host: '::1', port: 26379 },
          ],
        },
      },
    ],
  ])('%s names Sentinels and their group', (text, address) => {
    expect(parse(text)).toEqual(address);
  });

  test('has what it leaves out by default', () => {
    expect(parse('redis://r', { port: 1, db: 2, password: 'p' })).toMatchObject({ port: 1, db: 2, password: 'p' });
    expect(parse('redis-sentinel://s#g', { port: 1, password: 'p' })).toMatchObject({ port: 26379, password: 'p' });
  });

  test('is what the examples are', () => {
    expect(Object.values(REDIS_ADDRESS_EXAMPLES).map((text) => parse(text).host)).toEqual(['127.0.0.1', 'sentinel-0']);
  });

  test.each([
    ['r:6379/s3cret', 'must be a URL that starts with redis://', 'server'],
    ['http://:s3cret@r', 'must be a URL that starts with redis://', 'server'],
    ['redis://:s3cret@r/zero', 'must have the number of a database', 'server'],
    ['redis://:s3cret%@r', 'has a % before', 'server'],
    ['redis-sentinel://:s3cret@a:26379,b:26379/0', 'must end in # and the name', 'sentinels'],
    ['redis-sentinel://:s3cret@a:26379,b:x#state', 'must name each Sentinel as host:port', 'sentinels'],
    ['redis-sentinel://:s3cret@a:26379,,b:1#state', 'must name each Sentinel as host:port', 'sentinels'],
    ['redis-sentinel://#state', 'must name each Sentinel as host:port', 'sentinels'],
    ['redis-sentinel://:s3cret@a/zero#state', 'must have the number of a database', 'sentinels'],
  ] as const)('is not %s', (text, problem, form) => {
    let error: unknown;
    try {
      parse(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RedisAddressError);
    const { message, example } = error as RedisAddressError;
    expect(message).toContain(problem);
    expect(message).not.toContain('s3cret');
    expect(example).toBe(REDIS_ADDRESS_EXAMPLES[form]);
  });
});
