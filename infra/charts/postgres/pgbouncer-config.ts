import {
  LANES,
  toMilliseconds,
  toSeconds,
  type PoolerSettings,
  type Service,
} from '../../../service/definition/index.ts';

/** What PgBouncer is told beside the definition. */
export type PgBouncerPlace = {
  /** Where Postgres is. */
  readonly host: string;
  readonly port: number;
  /** Where PgBouncer listens. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Users and passwords, for clients and for Postgres alike. */
  readonly authFile: string;
  /** What Postgres's certificate is held against; absent: it need not have one. */
  readonly certificates?: string;
};

type Values = Pick<Service, 'name'> & { readonly postgres: Service['datastores']['postgres'] };

/** How long a connection is looked for before PgBouncer says that Postgres is away, and how soon it tries again. */
const CONNECT_SECONDS = 2;
const RETRY_SECONDS = 1;

/**
 * The configuration of PgBouncer: one database for each lane, so that each has connections of its own, lent by
 * transaction. What clients set when they connect would be lost with the next transaction, so it is done here, once for
 * each connection to Postgres.
 */
export function pgbouncerConfig({ name, postgres }: Values, pooler: PoolerSettings, place: PgBouncerPlace): string {
  const statement = toMilliseconds(postgres.statementTimeout);
  const onConnect = [
    `SET statement_timeout = ${statement}`,
    `SET idle_in_transaction_session_timeout = ${statement}`,
    // A request to cancel may reach another pod than the statement; then its client leaves, and Postgres sees that.
    'SET client_connection_check_interval = 1000',
  ].join('; ');
  const databases = LANES.map((lane) => {
    const to = `host=${place.host} port=${place.port} dbname=${name}`;
    return `${name}-${lane} = ${to} pool_size=${pooler.connections[lane]} connect_query='${onConnect}'`;
  });
  const settings: readonly (readonly [string, string | number])[] = [
    ['listen_addr', place.listen.address],
    ['listen_port', place.listen.port],
    ['unix_socket_dir', ''],
    ['auth_type', 'scram-sha-256'],
    ['auth_file', place.authFile],
    ['pool_mode', 'transaction'],
    ['max_client_conn', pooler.maxClientConnections],
    ['reserve_pool_size', 0],
    // Set above instead; of the rest, PgBouncer keeps track for each client.
    ['ignore_startup_parameters', 'statement_timeout,idle_in_transaction_session_timeout,extra_float_digits'],
    // Who waits longer than a statement may run has left.
    ['query_wait_timeout', Math.ceil(statement / 1000)],
    ['server_connect_timeout', CONNECT_SECONDS],
    ['server_login_retry', RETRY_SECONDS],
    ['server_lifetime', Math.ceil(toSeconds(postgres.recycle))],
    ['server_tls_sslmode', place.certificates === undefined ? 'prefer' : 'verify-full'],
    ...(place.certificates === undefined ? [] : [['server_tls_ca_file', place.certificates] as const]),
    ['log_connections', 0],
    ['log_disconnections', 0],
  ];
  const lines = settings.map(([key, value]) => `${key} = ${value}`.trimEnd());
  return `[databases]\n${databases.join('\n')}\n\n[pgbouncer]\n${lines.join('\n')}\n`;
}
