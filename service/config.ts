import { existsSync, readFileSync } from 'node:fs';
import {
  definition,
  ENVIRONMENTS,
  parseService,
  providerKeysOf,
  toMilliseconds,
  type Service,
} from './definition/index.ts';
import { PROBE_KEY } from './gateway/probe-caller.ts';
import { withTls } from './store/postgres/address.ts';
import { parseRedisAddress, RedisAddressError, type RedisAddress } from './store/redis-address.ts';
import { readCollector, type Collector } from './telemetry/trace/index.ts';
import { readVariable, VariablesError, type Variables } from './variables.ts';

/** What the gateway program is told by its environment; this is the only file of it that reads variables. */
export type Config = {
  readonly service: Service;
  readonly commit: string;
  /** Name of the release that this pod is of, as Kubernetes says it, for every series; undefined: none carries it. */
  readonly podTemplateHash: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
  readonly workers: number;
  readonly logLevel: Service['logLevel'];
  readonly drainDelayMs: number;
  readonly backend: 'memory' | 'redis';
  readonly redis: RedisAddress | undefined;
  /** Redis for the cache alone; undefined: `redis` serves it too. */
  readonly redisCache: RedisAddress | undefined;
  /** Postgres itself, for what a pooler cannot do. */
  readonly databaseUrl: string | undefined;
  /** Whether the gateway applies what the schema lacks when it starts, or waits until somebody else has. */
  readonly migrations: 'apply' | 'await';
  /** `host:port` of a pooler that lends Postgres's connections by transaction; undefined: there is none. */
  readonly databasePooler: string | undefined;
  readonly upstreamOrigin: string;
  /** Set: the gateway passes every path on to this origin instead of serving the application's routes. */
  readonly proxyOrigin: string | undefined;
  readonly limits: boolean;
  /** What the routes below `/admin` ask for; undefined switches them off. */
  readonly opsToken: string | undefined;
  /** By which the requests of whoever watches releases are known; undefined: there are none. */
  readonly probeKey: string | undefined;
  /** What becomes of a credential that nobody gave out, on routes of models: on a laptop it may be as good as none. */
  readonly unknownKeys: 'refuse' | 'ignore';
  /** Keys of the providers of models, by the names of their variables; a provider whose key is not here is not asked. */
  readonly providerKeys: Readonly<Record<string, string>>;
  /** Where traces are sent; undefined: none are recorded. */
  readonly collector: Collector | undefined;
};

/** Reads the configuration. Throws a VariablesError that lists every wrong variable. */
export function readConfig(variables: Variables): Config {
  const problems: string[] = [];
  const text = (name: string): string | undefined => readVariable(variables, name, problems);
  const service = readService(text, problems);
  const choice = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const value = text(name);
    const known = values.find((candidate) => candidate === value);
    if (value !== undefined && !known)
      problems.push(`${name}: must be one of ${values.join(', ')}; example: ${name}=${fallback}`);
    return known ?? fallback;
  };
  const whole = (name: string, fallback: number, from: number, to: number): number => {
    const value = text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= from && number <= to) return number;
    problems.push(`${name}: must be a whole number from ${from} to ${to}; example: ${name}=${fallback}`);
    return fallback;
  };
  const url = (name: string, protocols: readonly string[], example: string): string | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    problems.push(`${name}: must be a URL that starts with ${protocols.join('// or ')}//; example: ${name}=${example}`);
    return undefined;
  };
  const origin = (name: string): string | undefined => {
    const value = url(name, ['http:', 'https:'], 'http://127.0.0.1:3000');
    return value === undefined ? undefined : new URL(value).origin;
  };
  const token = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined || /^\S{16,}$/.test(value)) return value;
    problems.push(`${name}: must have at least 16 characters and no space; example: ${name}=$(openssl rand -hex 16)`);
    return undefined;
  };
  const probeKey = (): string | undefined => {
    const value = text('PROBE_KEY');
    if (value === undefined || PROBE_KEY.test(value)) return value;
    problems.push(
      'PROBE_KEY: must have at least 32 characters of ASCII and no space; example: PROBE_KEY=$(openssl rand -hex 32)',
    );
    return undefined;
  };
  const hostAndPort = (name: string, example: string): string | undefined => {
    const value = text(name);
    if (value === undefined || /^[\w.-]+:\d{1,5}$/.test(value)) return value;
    problems.push(`${name}: must be a host and a port; example: ${name}=${example}`);
    return undefined;
  };
  const databaseUrl = (): string | undefined => {
    const address = url('DATABASE_URL', ['postgres:', 'postgresql:'], 'postgres://user:password@127.0.0.1:5432/sluice');
    const tls = text('DATABASE_TLS') ?? 'url';
    if (!/^(url|system|\/.+)$/.test(tls))
      problems.push('DATABASE_TLS: must be url, system or the path of certificates; example: DATABASE_TLS=system');
    return address === undefined ? undefined : withTls(address, tls);
  };
  const redis = readRedis('REDIS', text, whole, problems);
  const redisCache = readRedis('REDIS_CACHE', text, whole, problems);
  for (const [name, address] of Object.entries({ REDIS: redis, REDIS_CACHE: redisCache })) {
    if (!address || !service.stores.redis.cluster) continue;
    if (address.db !== 0) problems.push(`${name}_DB: a Redis Cluster has database 0 alone; example: ${name}_DB=0`);
    if (address.sentinels)
      problems.push(`${name}_URL: a Redis Cluster has no Sentinels; example: ${name}_URL=redis://127.0.0.1:6379`);
  }
  if (redisCache && !redis)
    problems.push(
      'REDIS_CACHE_URL: needs REDIS_URL for limits and sessions; example: REDIS_URL=redis://127.0.0.1:6379',
    );
  const backend = choice('CACHE_BACKEND', ['memory', 'redis'], redis ? 'redis' : 'memory');
  if (backend === 'redis' && !redis) {
    problems.push('CACHE_BACKEND: redis needs REDIS_URL or REDIS_HOST; example: REDIS_URL=redis://127.0.0.1:6379');
  }
  const config: Config = {
    service,
    commit: text('SLUICE_COMMIT') ?? 'unknown',
    podTemplateHash: text('POD_TEMPLATE_HASH'),
    host: text('HOST') ?? '0.0.0.0',
    port: whole('PORT', service.gateway.port, 1, 65_535),
    opsPort: whole('OPS_PORT', service.gateway.opsPort, 1, 65_535),
    workers: whole('WORKERS', service.gateway.workers, 1, 64),
    logLevel: choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], service.logLevel),
    drainDelayMs: whole('DRAIN_DELAY_MS', toMilliseconds(service.gateway.drainDelay), 0, 600_000),
    backend,
    redis: backend === 'redis' ? redis : undefined,
    redisCache: backend === 'redis' ? redisCache : undefined,
    databaseUrl: databaseUrl(),
    databasePooler: hostAndPort('DATABASE_POOLER', 'postgres-pooler:5432'),
    migrations: choice('MIGRATIONS', ['apply', 'await'], 'apply'),
    upstreamOrigin: origin('UPSTREAM_ORIGIN') ?? service.upstream.origin,
    proxyOrigin: origin('PROXY_ORIGIN'),
    limits: choice('LIMITS', ['on', 'off'], 'on') === 'on',
    opsToken: token('OPS_TOKEN'),
    probeKey: probeKey(),
    unknownKeys: choice('UNKNOWN_KEYS', ['refuse', 'ignore'], 'refuse'),
    providerKeys: readProviderKeys(service, variables, problems),
    collector: readCollector(text, problems, service),
  };
  if (config.port === config.opsPort)
    problems.push(`OPS_PORT: must differ from PORT, ${config.port}; example: OPS_PORT=9464`);
  if (config.probeKey !== undefined && config.proxyOrigin !== undefined)
    problems.push("PROBE_KEY: in front of PROXY_ORIGIN, credentials are the origin's; example: without PROBE_KEY");
  if (
    config.proxyOrigin === undefined &&
    config.databaseUrl === undefined &&
    !problems.some((line) => line.startsWith('DATABASE_URL'))
  ) {
    problems.push('DATABASE_URL: is missing; example: DATABASE_URL=postgres://user:password@127.0.0.1:5432/sluice');
  }
  if (problems.length > 0) throw new VariablesError(problems);
  return config;
}

function readService(text: (name: string) => string | undefined, problems: string[]): Service {
  const file = text('SLUICE_DEFINITION');
  if (file !== undefined) {
    try {
      return parseService(JSON.parse(readFileSync(file, 'utf8')));
    } catch (error) {
      problems.push(`SLUICE_DEFINITION: ${file} holds no valid definition: ${(error as Error).message}`);
    }
  }
  const name = text('SLUICE_ENV') ?? 'dev';
  const environment = ENVIRONMENTS.find((known) => known === name);
  if (!environment) problems.push(`SLUICE_ENV: must be one of ${ENVIRONMENTS.join(', ')}; example: SLUICE_ENV=dev`);
  return definition[environment ?? 'dev'];
}

/** Each as a header can carry it; whatever else it is, its provider says. */
function readProviderKeys({ ai }: Service, variables: Variables, problems: string[]): Readonly<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const key of providerKeysOf(ai)) {
    const file = variables[`${key}_FILE`] ?? '';
    // On a cluster the file is named whether or not somebody has given the key.
    const isThere = file === '' || existsSync(file);
    const value = isThere ? readVariable(variables, key, problems) : variables[key];
    if (value === undefined || value === '') continue;
    if (/^[\x21-\x7e]{8,}$/.test(value)) keys[key] = value;
    else problems.push(`${key}: must have at least 8 characters of ASCII and no space; example: ${key}=sk-...`);
  }
  return keys;
}

function readRedis(
  name: 'REDIS' | 'REDIS_CACHE',
  text: (name: string) => string | undefined,
  whole: (name: string, fallback: number, from: number, to: number) => number,
  problems: string[],
): RedisAddress | undefined {
  const address = text(`${name}_URL`);
  const password = text(`${name}_PASSWORD`);
  const port = whole(`${name}_PORT`, 6379, 1, 65_535);
  const db = whole(`${name}_DB`, 0, 0, 15);
  const access = { db, ...(password === undefined ? {} : { password }) };
  if (address !== undefined) {
    try {
      return parseRedisAddress(address, { port, ...access });
    } catch (error) {
      if (!(error instanceof RedisAddressError)) throw error;
      problems.push(`${name}_URL: ${error.message}; example: ${name}_URL=${error.example}`);
      return undefined;
    }
  }
  const host = text(`${name}_HOST`);
  return host === undefined ? undefined : { host, port, tls: false, ...access };
}
