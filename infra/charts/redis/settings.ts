import type { Probe } from 'cdk8s-plus-28';
import { toBytes, type RedisRole, type Service } from '../../../service/definition/index.ts';
import { commandProbe, type ProbeTiming } from '../objects/pod.ts';
import { REDIS_PORT } from './place.ts';

/** The user that the public image is built for. */
export const REDIS_USER = 999;

/** Where the configuration appears in a pod. */
export const REDIS_CONFIG_PATH = '/etc/redis';

/** Where a pod keeps its data. */
export const REDIS_DATA_PATH = '/data';

/** One line of a configuration. */
export type Setting = readonly [name: string, value: string | number];

/** What the roles keep on disk: after a restart the state is there again, and a cache begins empty. */
const PERSISTENCE: Readonly<Record<RedisRole, readonly Setting[]>> = {
  state: [
    ['dir', REDIS_DATA_PATH],
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['save', '""'],
  ],
  // What voids answers must not be older than the answers; so they are lost together.
  cache: [
    ['appendonly', 'no'],
    ['save', '""'],
  ],
};

/** The text of redis.conf for a role, with what a kind has beside. */
export function redisSettings(redis: Service['stores']['redis'], role: RedisRole, more: readonly Setting[] = []) {
  const { maxClients, memory, evictionPolicy } = redis[role];
  return settingsText([
    ['bind', '* -::*'],
    ['port', REDIS_PORT],
    ...PERSISTENCE[role],
    ['maxclients', maxClients],
    ['maxmemory', toBytes(memory)],
    ['maxmemory-policy', evictionPolicy],
    ...more,
  ]);
}

/** A configuration, line by line. */
export function settingsText(settings: readonly Setting[]): string {
  return settings.map((setting) => `${setting.join(' ')}\n`).join('');
}

/**
 * A probe that has an answer to a PING and then, where given, to another command. `redis-cli` exits with 0 on an error
 * reply, so the reply itself is looked at; `password` is what a shell makes the password of.
 */
export function answersPing(password: string, timing: ProbeTiming, { port = REDIS_PORT, then = '' } = {}): Probe {
  const ping = `redis-cli -p ${port} ping | grep -q PONG`;
  return commandProbe(['sh', '-c', `export REDISCLI_AUTH=${password}; ${ping}${then && ` && ${then}`}`], timing);
}
