import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pgbouncerConfig } from '../../infra/charts/postgres/pgbouncer-config.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { sql } from './test-postgres.ts';

/** A PgBouncer of a test's own, in front of a Postgres. */
export type TestPooler = {
  /** Where it listens, as `host:port`. */
  readonly place: string;
  /** Ends it at once. */
  stop(): Promise<void>;
};

/** Whether PgBouncer can be run here. */
export const hasPgBouncer = spawnSync('pgbouncer', ['--version']).status === 0;

/** Starts PgBouncer with the configuration that an environment gives it. */
export async function startPgBouncer(connectionString: string, folder: string, settings: readonly string[]) {
  const service: Service = withValues(definition.dev, ['datastores.postgres.pooler.replicas=1', ...settings]);
  const { postgres } = service.datastores;
  const { pooler } = postgres;
  if (!pooler) throw new Error('the environment has no pooler');
  const { username, password, hostname, port, pathname } = new URL(connectionString);
  const own = join(folder, 'pgbouncer');
  mkdirSync(own);
  const authFile = join(own, 'users.txt');
  writeFileSync(authFile, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  const listen = { address: '127.0.0.1', port: await findFreePort() };
  const place = { host: hostname, port: Number(port), listen, authFile };
  const config = join(own, 'pgbouncer.ini');
  writeFileSync(config, pgbouncerConfig({ name: pathname.slice(1), postgres }, pooler, place));
  for (const path of [own, authFile, config]) chmodSync(path, path === own ? 0o755 : 0o644);
  // It refuses to run as root.
  const asOther = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn('pgbouncer', [config], { stdio: ['ignore', 'ignore', 'pipe'], ...asOther });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const at = `${listen.address}:${listen.port}`;
  const address = new URL(connectionString);
  address.host = at;
  address.pathname += '-critical';
  try {
    await eventually(() => sql(address.href, 'SELECT 1'));
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`PgBouncer does not serve:\n${log}`, { cause: error });
  }
  return {
    place: at,
    stop: () =>
      new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  } satisfies TestPooler;
}
