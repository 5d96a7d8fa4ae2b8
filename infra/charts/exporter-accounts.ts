import { secretPath } from './volumes.ts';

/** What the exporters' accounts in the stores are called. */
export const EXPORTER_ACCOUNT = 'exporter';

// A few, for it asks with several at once; they are among those that the definition keeps as reserved.
const POSTGRES_CONNECTIONS = 5;

/**
 * The line of Redis' configuration that lets its exporter in, to numbers alone: no key, no configuration, and no slow
 * command with its arguments. Written by a shell, which reads the password from its file.
 */
export const REDIS_ACCOUNT =
  `user ${EXPORTER_ACCOUNT} on ">$(cat ${secretPath('redis-exporter')}/password)" ` +
  '-@all +ping +info +client|setname +slowlog|len +latency|latest';

/** What makes the exporter's role in Postgres, to statistics alone; of psql, which reads the password from its file. */
export const POSTGRES_ACCOUNT = `\\set password \`cat ${secretPath('postgres-exporter')}/password\`
CREATE ROLE ${EXPORTER_ACCOUNT} LOGIN CONNECTION LIMIT ${POSTGRES_CONNECTIONS} PASSWORD :'password';
GRANT pg_monitor TO ${EXPORTER_ACCOUNT};
`;
