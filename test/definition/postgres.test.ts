import { describe, expect, test } from '@jest/globals';
import { definition, withValues } from '../../service/definition/index.ts';

const AT = 'datastores.postgres';
const CLUSTER = [`${AT}.kind=cloudnativepg`, `${AT}.image=ghcr.io/cloudnative-pg/postgresql:15.14`];

describe('who runs Postgres', () => {
  test.each<[wrong: readonly string[], path: string, right: string]>([
    [[`${AT}.kind=cloudnativepg`], `${AT}.image`, "an image of the operator's"],
    [[`${AT}.externalTls=secret`], `${AT}.externalTls`, "kind 'external' beside it"],
    [[...CLUSTER, `${AT}.externalTls=secret`], `${AT}.externalTls`, "kind 'external' beside it"],
    [[`${AT}.kind=external`, `${AT}.pooler.replicas=2`], `${AT}.pooler`, "the Secret's url leads there"],
    [[`${AT}.pooler.connections.critical=120`], `${AT}.pooler.connections.critical`, 'at most maxConnections, 120'],
    [[...CLUSTER, `${AT}.cluster.objectStore.path=s3://backups`], `${AT}.cluster.objectStore.secret`, 'lower-case'],
  ])('is refused with %j, with what would be right', (wrong, path, right) => {
    const attempt = () => withValues(definition.prod, wrong);

    expect(attempt).toThrow(path);
    expect(attempt).toThrow(right);
  });

  test('is one pod, without a pooler, where nothing is said', () => {
    expect(definition.prod.datastores.postgres).toMatchObject({ kind: 'single', externalTls: 'system' });
    expect(definition.prod.datastores.postgres.pooler).toBeUndefined();
  });

  test('has a whole pooler from the first of its fields that is set', () => {
    expect(withValues(definition.prod, [`${AT}.pooler.replicas=3`]).datastores.postgres.pooler).toEqual({
      image: 'ghcr.io/cloudnative-pg/pgbouncer:1.25.1',
      replicas: 3,
      maxClientConnections: 500,
      connections: { critical: 12, background: 6 },
      recycle: '30s',
    });
  });
});
