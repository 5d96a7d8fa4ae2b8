import { EXPORTER_ACCOUNT } from '../objects/exporter-account.ts';
import { secretPath } from '../objects/volumes.ts';

// A few, for it asks with several at once; they are among those that the definition keeps as reserved.
const CONNECTIONS = 5;

/** What makes the exporter's role in Postgres, to statistics alone; of psql, which reads the password from its file. */
export const POSTGRES_ACCOUNT = `\\set password \`cat ${secretPath('postgres-exporter')}/password\`
CREATE ROLE ${EXPORTER_ACCOUNT} LOGIN CONNECTION LIMIT ${CONNECTIONS} PASSWORD :'password';
GRANT pg_monitor TO ${EXPORTER_ACCOUNT};
`;
