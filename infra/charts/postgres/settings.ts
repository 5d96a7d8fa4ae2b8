import { toMebibytes, type Service } from '../../../service/definition/index.ts';

/** What the server is told, whoever runs it: as much memory for its own cache as Postgres' manual begins with. */
export function serverSettings({
  maxConnections,
  memory,
}: Pick<Service['datastores']['postgres'], 'maxConnections' | 'memory'>): Readonly<Record<string, string>> {
  return { max_connections: `${maxConnections}`, shared_buffers: `${Math.floor(toMebibytes(memory) / 4)}MB` };
}
