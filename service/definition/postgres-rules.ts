import type { Finding } from './findings.ts';
import type { ServiceValues } from './schema.ts';

type Postgres = ServiceValues['datastores']['postgres'];

const AT = 'datastores.postgres';

/** What no single field of Postgres can tell. */
export function postgresFindings({ datastores: { postgres } }: ServiceValues): Finding[] {
  const { kind, externalTls, image, pooler } = postgres;
  return [
    ...when(
      kind === 'cloudnativepg' && !image.includes('postgresql'),
      'image',
      image,
      "an image of the operator's, such as 'ghcr.io/cloudnative-pg/postgresql:15.14'",
    ),
    ...when(
      kind !== 'external' && externalTls === 'secret',
      'externalTls',
      externalTls,
      "absent, or kind 'external' beside it",
    ),
    // Its users and databases are known to nobody here; where there is a pooler, the address leads to it.
    ...when(
      kind === 'external' && pooler !== undefined,
      'pooler',
      'PgBouncer beside an external Postgres',
      "absent: whoever runs an external Postgres pools its connections too, and the Secret's url leads there",
    ),
    ...(pooler ? poolerFindings(postgres, pooler) : []),
  ];
}

function poolerFindings({ maxConnections }: Postgres, pooler: NonNullable<Postgres['pooler']>): Finding[] {
  const { critical, background } = pooler.connections;
  const most = critical + background;
  return when(
    most > maxConnections,
    'pooler.connections.critical',
    critical,
    `with background at most maxConnections, ${maxConnections}`,
  );
}

function when(wrong: boolean, field: string, value: unknown, right: string): Finding[] {
  return wrong ? [{ path: `${AT}.${field}`, value, right }] : [];
}
