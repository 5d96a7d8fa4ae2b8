import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { secretObjects, synthesize, writeSyntheses } from '../../infra/synth/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { PASSWORDS } from '../support/passwords.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { buildImage, POOLER_IMAGE } from './images.ts';
import { kubectl, list, type Pod } from './kubectl.ts';
import { send, startLoad, type SendOptions } from './load.ts';
import { poll } from './poll.ts';

const POOLER = [
  POOLER_IMAGE,
  ...['datastores.postgres.pooler.replicas=2', 'datastores.postgres.pooler.recycle=10s'],
  // The load is to meet the database, not a limit.
  ...['limits.key=100000/min', 'limits.global.bucket.capacity=100000', 'limits.global.bucket.refill=10000/s'],
];

/** An order as a client sends it. */
function order(key: string, name: string): SendOptions {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': name },
    body: { item: 'book', quantity: 1 },
  };
}

describeOnCluster('Postgres', () => {
  describe('behind PgBouncer', () => {
    const environment = new Environment({ values: POOLER });
    const { namespace } = environment;
    let key = '';

    beforeAll(async () => {
      await environment.install(buildImage('ccccccc'));
      [key = ''] = await environment.addKeys(1);
    });
    afterAll(() => environment.remove());

    test('takes orders, by connections that the poolers lend', async () => {
      const { status } = await send(`${environment.origin}/create-order`, order(key, 'pooled-1'));
      const poolers = await list<Pod & { status: { podIP: string } }>(
        namespace,
        'pods',
        'app.kubernetes.io/name=postgres-pooler',
      );
      const addresses = await environment.sql(
        "SELECT DISTINCT host(client_addr) FROM pg_stat_activity WHERE application_name LIKE 'sluice-critical%'",
      );

      expect(status).toBe(201);
      expect(poolers).toHaveLength(2);
      const own = poolers.map((pod) => pod.status.podIP);
      for (const address of addresses.trim().split('\n')) expect(own).toContain(address);
    });

    test('loses no order while the poolers are replaced', async () => {
      const load = startLoad({
        perSecond: 10,
        next: (n) => ({ url: `${environment.origin}/create-order`, options: order(key, `rolling-${n}`) }),
        isCorrect: ({ status }) => status === 201,
      });
      const before = await names();
      await kubectl(namespace, ['rollout', 'restart', 'deployment/postgres-pooler']);
      await kubectl(namespace, ['rollout', 'status', 'deployment/postgres-pooler', '--timeout=150s']);
      await poll(120_000, async () => {
        for (const pod of await names()) expect(before).not.toContain(pod);
      });
      const { sent, lost, rawFailures } = await load.stop();

      process.stderr.write(
        `poolers replaced: ${sent} orders, ${rawFailures.length} failed once, ${lost.length} lost\n`,
      );
      for (const failure of rawFailures.slice(0, 3)) process.stderr.write(`failed once: ${failure}\n`);
      expect(rawFailures.slice(0, 5)).toEqual([]);
    });

    async function names(): Promise<string[]> {
      const pods = await list<Pod>(namespace, 'pods', 'app.kubernetes.io/name=postgres-pooler');
      return pods.map(({ metadata }) => metadata.name);
    }
  });

  test.each<[what: string, settings: readonly string[]]>([
    ['instances of CloudNativePG alone', []],
    [
      'instances of CloudNativePG with backups and a pooler',
      [
        'datastores.postgres.cluster.objectStore.path=s3://backups/orders',
        'datastores.postgres.cluster.objectStore.endpoint=https://minio.internal:9000',
        'datastores.postgres.cluster.objectStore.secret=backup-store',
        'datastores.postgres.cluster.objectStore.keep=14d',
        'datastores.postgres.pooler.replicas=2',
      ],
    ],
    ['a single instance of CloudNativePG', ['datastores.postgres.cluster.instances=1']],
  ])('is accepted by the API server, field by field, as %s', async (_, settings) => {
    const namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
    const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
    const service = withValues(definition.prod, [
      `namespace=${namespace}`,
      // The objects of its class are not to be had here.
      'ingress.kind=none',
      'datastores.postgres.kind=cloudnativepg',
      'datastores.postgres.image=ghcr.io/cloudnative-pg/postgresql:15.14',
      ...settings,
    ]);
    try {
      writeSyntheses([synthesize(service)], join(folder, 'out'));
      await kubectl(namespace, ['create', 'namespace', namespace]);
      const [secret] = secretObjects(service, PASSWORDS);
      const strictly = ['apply', '--dry-run=server', '--validate=strict'];
      const said = await kubectl(namespace, [...strictly, '-k', join(folder, 'out', 'prod')]);

      expect(said).toContain('cluster.postgresql.cnpg.io/postgres-cluster created');
      expect(await kubectl(namespace, [...strictly, '-f', '-'], JSON.stringify(secret))).toContain('secret/postgres');
    } finally {
      rmSync(folder, { recursive: true });
      await kubectl(namespace, ['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
    }
  });
});
