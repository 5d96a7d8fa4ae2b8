import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Servers of others that a local drill starts. */
const SERVERS = {
  redis: { names: ['redis-server'], get: 'install the package redis-server, or redis with Homebrew' },
  prometheus: { names: ['prometheus'], get: 'install the package prometheus' },
  alertmanager: {
    names: ['prometheus-alertmanager', 'alertmanager'],
    get: 'install the package prometheus-alertmanager, or alertmanager with Homebrew',
  },
  redisExporter: {
    names: ['prometheus-redis-exporter', 'redis_exporter'],
    get: 'install the package prometheus-redis-exporter, or put redis_exporter on PATH',
  },
  postgresExporter: {
    names: ['prometheus-postgres-exporter', 'postgres_exporter'],
    get: 'install the package prometheus-postgres-exporter, or put postgres_exporter on PATH',
  },
} as const satisfies Readonly<Record<string, { readonly names: readonly string[]; readonly get: string }>>;

/** Which server. */
export type ServerId = keyof typeof SERVERS;

/** What without an alert cannot be seen. */
export const WATCHING = ['prometheus', 'alertmanager', 'redisExporter', 'postgresExporter'] as const;

/** The paths of those that are on PATH. */
export type Servers = Partial<Readonly<Record<ServerId, string>>>;

/** Looks for all of them on a PATH; default that of this process. */
export function findServers(path = process.env.PATH ?? ''): Servers {
  const found = (Object.keys(SERVERS) as ServerId[]).map((id) => [id, findOnPath(SERVERS[id].names, path)] as const);
  return Object.fromEntries(found.filter(([, file]) => file !== undefined));
}

/** Says that one is missing and how to get it, in a clause without a full stop. */
export function missing(id: ServerId): string {
  const { names, get } = SERVERS[id];
  return `${names.join(' or ')} is not on PATH: ${get}`;
}

function findOnPath(names: readonly string[], path: string): string | undefined {
  const files = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return files.find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
