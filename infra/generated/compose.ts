import { stringify } from 'yaml';
import { definition, providerKeysOf, toMebibytes, withValues, type RedisRole } from '../../service/definition/index.ts';
import { GATEWAY_ALIASES, JAEGER_ENDPOINT, observability } from './compose-observability.ts';

/** How what runs by compose differs from dev: without a cluster there is no release before to go back to, and no guard. */
const SETTINGS = ['release.guard.mode=off'];

/** What is synthesized for those who watch there, and by which command. */
export const COMPOSED = withValues(definition.dev, SETTINGS);
const SYNTH = `npx sluice synth --env dev --set ${SETTINGS.join(' ')}`;

/** A viewer for Redis; on laptops only. */
const REDIS_INSIGHT = 'redis/redisinsight:2.70';

/** Who takes traces; empty, as it is unless somebody says otherwise: nobody, and nothing is traced. */
const COLLECTOR = '${OTEL_EXPORTER_OTLP_ENDPOINT:-}';

const HEADER = `# Generated from the definition by \`npm run generate\`; a test fails when it is stale.
# The whole service on one machine with the stores of a cluster. It needs two passwords (letters, digits, . _ ~ -):
#   REDIS_PASSWORD=... POSTGRES_PASSWORD=... docker compose up --build
# With Prometheus, Alertmanager, Grafana and Jaeger beside it (docker compose 2.23.1 or later; docs/monitoring.md):
#   ${SYNTH}
#   OTEL_EXPORTER_OTLP_ENDPOINT=${JAEGER_ENDPOINT} REDIS_PASSWORD=... POSTGRES_PASSWORD=... \\
#     docker compose --profile observability up --build
# They read the rules, routes and dashboards in dist/dev; after another synth: docker compose --profile observability restart
`;

/** compose.yaml: the gateway and what it needs, with the values of dev. */
export function composeFile(): string {
  const { name, gateway, upstream, stores, datastores } = COMPOSED;
  const { redis } = stores;
  const { postgres } = datastores;
  const password = (variable: string): string => `\${${variable}:?set ${variable}}`;
  const healthy = (test: string) => ({ test: ['CMD-SHELL', test], interval: '2s', timeout: '2s', retries: 30 });
  const redisServer = (role: RedisRole, persistence: string) => ({
    image: redis.image,
    restart: 'unless-stopped',
    command: [
      'sh',
      '-c',
      // By standard input: an argument could be read in the list of processes.
      `exec redis-server - --maxmemory ${toMebibytes(redis[role].memory)}mb --maxmemory-policy ${redis[role].evictionPolicy} --maxclients ${redis[role].maxClients} ${persistence} <<END\nrequirepass $$REDIS_PASSWORD\nEND\n`,
    ],
    environment: { REDIS_PASSWORD: password('REDIS_PASSWORD') },
    healthcheck: healthy('REDISCLI_AUTH="$$REDIS_PASSWORD" redis-cli ping | grep -q PONG'),
  });
  const hardened = {
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
  };
  const watching = observability(COMPOSED, {
    redis: password('REDIS_PASSWORD'),
    postgres: password('POSTGRES_PASSWORD'),
  });
  const services = {
    gateway: {
      build: '.',
      image: name,
      ...hardened,
      environment: {
        CACHE_BACKEND: 'redis',
        REDIS_URL: `redis://:${password('REDIS_PASSWORD')}@redis:6379`,
        REDIS_CACHE_URL: `redis://:${password('REDIS_PASSWORD')}@redis-cache:6379`,
        DATABASE_URL: `postgres://${name}:${password('POSTGRES_PASSWORD')}@postgres:5432/${name}`,
        UPSTREAM_ORIGIN: `http://upstream:${upstream.port}`,
        WORKERS: String(gateway.workers),
        OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR,
        // Empty unless somebody has it: then its provider is not asked.
        ...Object.fromEntries(providerKeysOf(COMPOSED.ai).map((key) => [key, `\${${key}:-}`])),
      },
      mem_limit: `${toMebibytes(gateway.memory.limit)}m`,
      ports: [`127.0.0.1:${gateway.port}:${gateway.port}`, `127.0.0.1:${gateway.opsPort}:${gateway.opsPort}`],
      networks: { default: { aliases: GATEWAY_ALIASES } },
      stop_grace_period: gateway.terminationGrace,
      depends_on: {
        redis: { condition: 'service_healthy' },
        'redis-cache': { condition: 'service_healthy' },
        postgres: { condition: 'service_healthy' },
        upstream: { condition: 'service_started' },
      },
    },
    upstream: {
      build: '.',
      image: name,
      ...hardened,
      command: ['node', 'service/upstream/main.ts'],
      environment: { PORT: String(upstream.port), OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR },
    },
    redis: { ...redisServer('state', '--appendonly yes'), volumes: ['redis:/data'] },
    'redis-cache': redisServer('cache', "--appendonly no --save ''"),
    redisinsight: {
      image: REDIS_INSIGHT,
      restart: 'unless-stopped',
      ports: ['127.0.0.1:5540:5540'],
      depends_on: ['redis', 'redis-cache'],
    },
    postgres: {
      image: postgres.image,
      restart: 'unless-stopped',
      command: ['postgres', '-c', `max_connections=${postgres.maxConnections}`],
      environment: { POSTGRES_USER: name, POSTGRES_DB: name, POSTGRES_PASSWORD: password('POSTGRES_PASSWORD') },
      healthcheck: healthy(`pg_isready -U ${name} -d ${name}`),
      volumes: ['postgres:/var/lib/postgresql/data'],
    },
    ...watching.services,
  };
  const volumes = { redis: {}, postgres: {}, ...watching.volumes };
  return (
    HEADER +
    stringify(
      { name, services, networks: { default: {} }, configs: watching.configs, volumes },
      { lineWidth: 0, aliasDuplicateObjects: false },
    )
  );
}
