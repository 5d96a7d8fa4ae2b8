import { isDrilled, isGuarded, REDIS_ROLES, type Service } from '../../service/definition/index.ts';

/** The secrets of one environment; passwords of URL-safe characters only, because they become part of addresses. */
export type SecretValues = {
  /** Of both roles of Redis, where the environment runs them. */
  readonly redisPassword?: string;
  /** Of Postgres, where the environment runs it. */
  readonly postgresPassword?: string;
  /** Of the account `admin` of Grafana, where the environment runs it. */
  readonly grafanaPassword?: string;
  /** What Alertmanager shows the guard, and the guard's synthetic requests the gateway, where releases are guarded. */
  readonly guardToken?: string;
  readonly probeKey?: string;
  /** What drills show their keeper, and the keeper its fault proxies, where there are drills. */
  readonly drillKey?: string;
  /** Addresses of Redis in both roles, where others run it; absent: the Secrets are made by someone else. */
  readonly redisUrl?: string;
  readonly redisCacheUrl?: string;
  /** Address of Postgres, where others run it; absent: the Secret is made by someone else. */
  readonly databaseUrl?: string;
  /** What the certificate of that Postgres is held against, as PEM, where the environment says so. */
  readonly databaseCertificates?: string;
};

/** What a secret value is called. */
export type SecretKey = keyof SecretValues;

/** Addresses of Redis by role. */
export const REDIS_URLS = { state: 'redisUrl', cache: 'redisCacheUrl' } as const;

/** What whoever speaks to the guard, or for it, and to the keeper of drills must show. */
export function shownSecrets(values: Pick<Service, 'drills' | 'release'>): readonly SecretKey[] {
  return [
    ...(isGuarded(values) ? (['guardToken', 'probeKey'] as const) : []),
    ...(isDrilled(values) ? (['drillKey'] as const) : []),
  ];
}

/** The Secrets that addresses are made into, each with the values that it takes. */
export const ADDRESS_SECRETS: Readonly<Record<string, readonly SecretKey[]>> = {
  redis: [REDIS_URLS.state],
  'redis-cache': [REDIS_URLS.cache],
  postgres: ['databaseUrl'],
};

/** What an environment takes. */
export type WantedSecrets = {
  /** Without one of these nothing can be done. */
  readonly passwords: readonly SecretKey[];
  /** Of what others run; without one, its Secret is made by someone else. */
  readonly addresses: readonly SecretKey[];
};

/** The secret values that an environment takes: passwords of what it runs, addresses of what others run. */
export function wantedSecrets({
  stores,
  datastores,
  drills,
  monitoring,
  release,
}: Pick<Service, 'datastores' | 'drills' | 'monitoring' | 'release' | 'stores'>): WantedSecrets {
  const { kind, externalTls } = datastores.postgres;
  const redis = stores.backend === 'redis' ? stores.redis.kind : 'none';
  const postgres: readonly SecretKey[] =
    externalTls === 'secret' ? ['databaseUrl', 'databaseCertificates'] : ['databaseUrl'];
  return {
    passwords: [
      ...(redis === 'none' || redis === 'external' ? [] : (['redisPassword'] as const)),
      ...(kind === 'external' ? [] : (['postgresPassword'] as const)),
      ...(monitoring.kind === 'standalone' && monitoring.grafana ? (['grafanaPassword'] as const) : []),
      ...shownSecrets({ drills, release }),
    ],
    addresses: [
      ...(redis === 'external' ? REDIS_ROLES.map((role) => REDIS_URLS[role]) : []),
      ...(kind === 'external' ? postgres : []),
    ],
  };
}
