import { randomBytes } from 'node:crypto';
import { parseService, type Service } from '../../../../service/definition/index.ts';
import { createProxyClient, type ProxyClient } from '../../../faults/index.ts';
import type { Program as ProgramName } from '../../../experiment.ts';
import { missing } from '../server-programs.ts';
import { createClient, logIn } from './credentials.ts';
import type { StandAddresses, StandSettings } from './messages.ts';
import { createLogPipe, type LogPipe } from './log-pipe.ts';
import { findPorts } from './ports.ts';
import { postgresProgram, type PostgresProgram } from './postgres.ts';
import type { Keeping, Program } from './program.ts';
import { redisProgram } from './redis.ts';
import { servicePrograms } from './service-programs.ts';
import { watchStand } from './watching.ts';

/** What a fault may touch. */
export type StandPrograms = {
  readonly service: Service;
  readonly seed: number;
  /** By the names that experiments have for them; without Alertmanager where there is none. */
  readonly programs: Readonly<Record<Exclude<ProgramName, 'alertmanager' | 'postgres'>, Program>> & {
    readonly postgres: PostgresProgram;
    readonly alertmanager?: Program;
  };
  /** The gateway's. */
  readonly log: LogPipe;
  readonly proxies: ProxyClient;
  readonly ops: string;
  readonly opsToken: string;
  /** Starts everything; what can be at once is. */
  start(): Promise<StandAddresses>;
  /** Ends everything that runs, however far a start has come. */
  end(): Promise<void>;
};

const HOST = '127.0.0.1';
const PORTS = 16;

/** Everything that a stand consists of, none of which is started yet. */
export async function standPrograms(keeping: Keeping, settings: StandSettings): Promise<StandPrograms> {
  const { seed, servers, factor, sink, commit } = settings;
  const service = parseService(settings.service);
  if (servers.redis === undefined) throw new Error(missing('redis'));
  const next = (await findPorts(PORTS)).values();
  const port = (): number => next.next().value ?? 0;
  const secret = (): string => randomBytes(18).toString('base64url');

  const redisPassword = secret();
  const opsToken = secret();
  const ports = { gateway: port(), ops: port(), upstream: port(), control: port() };
  const stores = { redis: port(), 'redis-cache': port() };
  const proxies = {
    upstream: { listen: port(), target: ports.upstream },
    redis: { listen: port(), target: stores.redis },
    'redis-cache': { listen: port(), target: stores['redis-cache'] },
    // It says where it listens when it does.
    postgres: { listen: port(), target: port() },
  };
  const postgres = postgresProgram(keeping, service.datastores.postgres.maxConnections);
  const [redis, redisCache] = (['redis', 'redis-cache'] as const).map((name) =>
    redisProgram(keeping, {
      name,
      command: servers.redis ?? '',
      role: name === 'redis' ? 'state' : 'cache',
      redis: service.stores.redis,
      port: stores[name],
      password: redisPassword,
    }),
  ) as [Program, Program];
  const log = createLogPipe(keeping.folder);
  const postgresAt = `${HOST}:${proxies.postgres.listen}`;
  const own = servicePrograms(keeping, {
    service,
    commit,
    ports,
    proxies,
    opsToken,
    log,
    stores: {
      DATABASE_URL: postgres.urlOf('gateway', postgresAt),
      REDIS_URL: `redis://:${redisPassword}@${HOST}:${proxies.redis.listen}`,
      REDIS_CACHE_URL: `redis://:${redisPassword}@${HOST}:${proxies['redis-cache'].listen}`,
    },
  });
  const watcherPorts = { prometheus: port(), alertmanager: port(), redisExporter: port(), postgresExporter: port() };
  const watching = watchStand(keeping, {
    service,
    factor,
    servers,
    sink,
    ports: watcherPorts,
    gateway: `${HOST}:${ports.ops}`,
    redis: {
      redis: `redis://${HOST}:${proxies.redis.listen}`,
      'redis-cache': `redis://${HOST}:${proxies['redis-cache'].listen}`,
    },
    redisPassword,
    postgres: postgres.urlOf('exporter', postgresAt),
  });
  const { programs: watchers } = watching;
  const control = `http://${HOST}:${ports.control}`;
  const client = createProxyClient({ origin: control });
  const origin = `http://${HOST}:${ports.gateway}`;
  const ops = `http://${HOST}:${ports.ops}`;
  const leading = leadTo(postgres, client);
  const all = [own.gateway, own.upstream, own.proxies, redis, redisCache, ...Object.values(watchers)];
  return {
    service,
    seed,
    programs: {
      gateway: own.gateway,
      upstream: own.upstream,
      redis,
      'redis-cache': redisCache,
      postgres: leading,
      ...(watchers.alertmanager && { alertmanager: watchers.alertmanager }),
    },
    log,
    proxies: client,
    ops,
    opsToken,
    async start() {
      const [known] = await Promise.all([
        own.proxies
          .start()
          .then(() => leading.start())
          .then(() => createClient(postgres.urlOf('gateway'), service)),
        ...[redis, redisCache, own.upstream, ...Object.values(watchers)].map((each) => each.start()),
      ]);
      await own.gateway.start();
      const [session] = await Promise.all([logIn(origin, known), watching.judge()]);
      return {
        origin,
        ops,
        proxies: control,
        ...(watchers.prometheus && { prometheus: `http://${HOST}:${watcherPorts.prometheus}` }),
        credentials: { key: known.key, session },
        postgres: postgres.version(),
      };
    },
    async end() {
      await Promise.all([...all.map((each) => each.kill()), postgres.stop()]);
      log.close();
    },
  };
}

/** Postgres, which may listen elsewhere after a start: its proxy is led there. */
function leadTo(postgres: PostgresProgram, proxies: ProxyClient): PostgresProgram {
  return {
    ...postgres,
    async start() {
      await postgres.start();
      await proxies.lead('postgres', { host: HOST, port: Number(postgres.address().split(':')[1]) });
    },
  };
}
