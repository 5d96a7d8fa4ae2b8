import { get } from 'node:http';
import { Redis } from 'ioredis';
import { createRedisSharedTier, ResponseCache, SingleFlight, type SharedTier } from '../../service/cache/index.ts';
import type { PrimaryMessage, WorkerMessage } from '../../service/gateway/processes/messages.ts';
import { createPrimaryLink } from '../../service/gateway/processes/primary-link.ts';

/** What a process of the stampede is told by its parent. */
export type StampedeOptions = {
  readonly requests: number;
  readonly leaseMs: number;
  readonly upstreamPort: number;
  /** Absent: what is shared is held by the parent, as a primary holds it for its workers. */
  readonly redis?: { readonly port: number; readonly password: string; readonly prefix: string };
};

/** What it tells its parent, beside what a worker tells its primary. */
export type StampedeMessage =
  | { readonly type: 'ready' }
  /** All its requests have been made, none has been answered. */
  | { readonly type: 'asking' }
  | { readonly type: 'answered'; readonly bodies: readonly string[]; readonly slowestMs: number };

const options = JSON.parse(process.argv[2] ?? '') as StampedeOptions;
const tell = (message: StampedeMessage | WorkerMessage): void => void process.send?.(message);

const shared = await connect();
const onError = (error: unknown): void => console.error(error);
const tiers = new ResponseCache({ shared, maxBytes: 1 << 20, onError });
const flights = new SingleFlight({ shared, leaseMs: options.leaseMs, onError });

process.on('message', (message: { type: string }) => {
  if (message.type === 'go') void stampede();
});
process.on('disconnect', () => process.exit(0));
tell({ type: 'ready' });

async function stampede(): Promise<void> {
  const began = performance.now();
  const answers = Array.from({ length: options.requests }, request);
  tell({ type: 'asking' });
  const bodies = await Promise.all(answers);
  tell({ type: 'answered', bodies: [...new Set(bodies)], slowestMs: performance.now() - began });
}

async function request(): Promise<string> {
  const seat = flights.run('page', {
    find: () => tiers.find('page'),
    async load() {
      const body = await fetchPage();
      const storedAt = Date.now();
      const entry = { status: 200, headers: [], body, storedAt, expiresAt: storedAt + 60_000 };
      tiers.store('page', entry, 60_000);
      return entry;
    },
  });
  return String((await seat.answer).body);
}

function fetchPage(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-process': String(process.pid) };
    get({ host: '127.0.0.1', port: options.upstreamPort, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

async function connect(): Promise<SharedTier> {
  if (!options.redis) {
    const link = createPrimaryLink(tell);
    process.on('message', (message: PrimaryMessage) => {
      if (message.type === 'answers') link.receive(message.answers);
      else if (message.type === 'cache') link.hear(message.message);
    });
    return link.cache;
  }
  const { port, password, prefix } = options.redis;
  const [redis, subscriber] = [new Redis({ port, password }), new Redis({ port, password })];
  await Promise.all([redis.ping(), subscriber.ping()]);
  return createRedisSharedTier({ redis, subscriber, prefix, onError: (error) => console.error(error) });
}
