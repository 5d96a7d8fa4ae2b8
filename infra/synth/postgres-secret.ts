import type { Service } from '../../service/definition/index.ts';
import { POSTGRES_PORT, postgresHost, postgresServer } from '../charts/index.ts';
import type { SecretValues } from './secret-values.ts';

/** The Secret that tells where Postgres is. */
export type PostgresSecret = { readonly type: string; readonly data: Readonly<Record<string, string>> };

/**
 * The Secret `postgres`: password and address of the one that the environment runs, or where the one of others is;
 * undefined when it is made by someone else. Throws when an address is none, without telling it.
 */
export function postgresSecret(
  { name, datastores }: Pick<Service, 'datastores' | 'name'>,
  values: SecretValues,
): PostgresSecret | undefined {
  const { postgres } = datastores;
  const server = postgresServer(postgres);
  if (server === undefined) return external(postgres, values);
  const password = values.postgresPassword ?? '';
  const url = `postgres://${name}:${password}@${postgresHost(server)}:${POSTGRES_PORT}/${name}`;
  // The operator takes the user that owns the database from a Secret of this type.
  if (server === 'postgres-cluster')
    return { type: 'kubernetes.io/basic-auth', data: { username: name, password, url } };
  return { type: 'Opaque', data: { password, url } };
}

function external(
  { externalTls }: Service['datastores']['postgres'],
  { databaseUrl, databaseCertificates }: SecretValues,
): PostgresSecret | undefined {
  if (databaseUrl === undefined) return undefined;
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:$/.test(new URL(databaseUrl).protocol))
    throw new Error('databaseUrl must be an address such as postgres://user:password@db.internal:5432/orders');
  if (externalTls !== 'secret') return { type: 'Opaque', data: { url: databaseUrl } };
  if (!databaseCertificates?.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error("databaseCertificates must be certificates as PEM, because externalTls is 'secret'");
  return { type: 'Opaque', data: { url: databaseUrl, 'ca.crt': databaseCertificates } };
}
