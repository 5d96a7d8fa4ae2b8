import type { Lane } from '../../definition/index.ts';

/**
 * Where the connections of a lane go: to Postgres itself, or to a pooler (`host:port`) in front of it, which knows the
 * database once for each lane, as NAME-LANE, so that no lane takes the connections of the other there either. What
 * the address says of Postgres's certificate is the pooler's affair.
 */
export function laneAddress(connectionString: string, pooler: string | undefined, lane: Lane): string {
  if (pooler === undefined) return connectionString;
  const address = new URL(connectionString);
  address.host = pooler;
  address.pathname += `-${lane}`;
  address.search = '';
  return address.href;
}

/**
 * An address whose server must show that it is who it says: by the authorities that everyone knows (`system`) or by
 * those of a file. `url` leaves that to the address.
 */
export function withTls(connectionString: string, tls: string): string {
  if (tls === 'url') return connectionString;
  const address = new URL(connectionString);
  address.searchParams.set('sslmode', 'verify-full');
  if (tls !== 'system') address.searchParams.set('sslrootcert', tls);
  return address.href;
}
