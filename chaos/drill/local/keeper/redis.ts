import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { toBytes, type RedisRole, type Service } from '../../../../service/definition/index.ts';
import { createProgram, type Keeping, type Program } from './program.ts';

/** What a Redis of a stand is started with. */
export type RedisProps = {
  readonly name: 'redis' | 'redis-cache';
  readonly command: string;
  readonly role: RedisRole;
  readonly redis: Service['stores']['redis'];
  readonly port: number;
  readonly password: string;
};

/** As on a cluster: sessions and limits outlive the server, and a cache begins empty. */
const PERSISTENCE: Readonly<Record<RedisRole, readonly string[]>> = {
  state: ['appendonly yes', 'appendfsync everysec', 'save ""'],
  cache: ['appendonly no', 'save ""'],
};

/** A Redis with the bounds of the definition. */
export function redisProgram(keeping: Keeping, { name, command, role, redis, port, password }: RedisProps): Program {
  const { maxClients, memory, evictionPolicy } = redis[role];
  const data = join(keeping.folder, name);
  mkdirSync(data);
  const file = join(data, 'redis.conf');
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(data)}`,
    `maxclients ${maxClients}`,
    `maxmemory ${toBytes(memory)}`,
    `maxmemory-policy ${evictionPolicy}`,
    ...PERSISTENCE[role],
  ];
  writeFileSync(file, settings.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  return createProgram(keeping, { name, command, args: [file], isReady: () => answersPing(port, password) });
}

const ANSWER_MS = 1_000;

/** Whether a Redis answers whoever knows its password. */
function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nPING\r\nQUIT\r\n`));
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('it does not answer')));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer.includes('+PONG')));
  });
}
