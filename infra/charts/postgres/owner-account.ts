import { secretPath } from '../objects/volumes.ts';

/** The superuser of a Postgres of ours: it has no password, so it is let in by the socket in the pod alone. */
export const SUPERUSER = 'postgres';

/**
 * What makes the role that owns the database of the service, the only one that gateway, migration and backup log in
 * as. It is no superuser: that could read files of the pod and run programs in it.
 */
export function ownerAccount(name: string): string {
  return `\\set password \`cat ${secretPath('postgres')}/password\`
CREATE ROLE "${name}" LOGIN PASSWORD :'password';
ALTER DATABASE "${name}" OWNER TO "${name}";
ALTER ROLE "${SUPERUSER}" PASSWORD NULL;
`;
}
