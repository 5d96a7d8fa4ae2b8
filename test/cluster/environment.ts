import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretObjects, synthesize, writeSyntheses, type SecretValues } from '../../infra/synth/index.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { NODE_IMAGES, type Image } from './images.ts';
import { kubectl, list, readyGateways } from './kubectl.ts';
import { poll } from './poll.ts';

const READY_LIMIT_MS = 180_000;

/** One series of a query's answer: its labels, and when it had which value. */
export type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };

/** A namespace of a cluster with the dev environment in it. */
export class Environment {
  readonly namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
  private readonly values: readonly string[];
  private readonly secrets: Partial<SecretValues>;
  private service: Service = definition.dev;
  /** Where load may be sent from this machine: a port of the node. */
  origin = '';

  /** With some values of the definition replaced, each as `path=value`, and some secrets beside the passwords. */
  constructor(values: readonly string[] = [], secrets: Partial<SecretValues> = {}) {
    this.values = values;
    this.secrets = secrets;
  }

  /** Applies what `sluice synth` writes, with an image, and secrets made for this run. */
  async install(image: Image): Promise<void> {
    await this.apply(image);
    const values = {
      redisPassword: randomBytes(16).toString('hex'),
      postgresPassword: randomBytes(16).toString('hex'),
      ...this.secrets,
    };
    const secrets = secretObjects(this.service, values).map((secret) => JSON.stringify(secret));
    await kubectl(this.namespace, ['apply', '--server-side', '-f', '-'], secrets.join('\n'));
    this.origin = await this.openPort();
    await this.allReady();
  }

  /** Applies the environment with an image; what differs rolls. */
  async apply({ repository, digest }: Image): Promise<void> {
    this.service = withValues(definition.dev, [
      `namespace=${this.namespace}`,
      `image.repository=${repository}`,
      `image.digest=${digest}`,
      ...NODE_IMAGES,
      ...this.values,
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
    try {
      writeSyntheses([synthesize(this.service)], join(folder, 'out'));
      await kubectl(this.namespace, ['apply', '--server-side', '-k', join(folder, 'out', 'dev')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Waits until every workload has every pod that it wants, and the gateway as many as the autoscaler's minimum. */
  async allReady(): Promise<void> {
    const { min } = this.service.scaling;
    try {
      await poll(READY_LIMIT_MS, async () => {
        type Workload = { metadata: { name: string }; spec: { replicas: number }; status: { readyReplicas?: number } };
        const workloads = await list<Workload>(this.namespace, 'deployments,statefulsets');
        const short = workloads.filter(({ spec, status }) => (status.readyReplicas ?? 0) < spec.replicas);
        if (short.length > 0) throw new Error(`not Ready: ${short.map(({ metadata }) => metadata.name).join(', ')}`);
        const gateways = await readyGateways(this.namespace);
        if (gateways.length < min) throw new Error(`${gateways.length} of ${min} gateways are Ready`);
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.describe()}`, { cause: error });
    }
  }

  /** Makes keys that the gateway accepts. */
  async addKeys(count: number): Promise<readonly string[]> {
    const keys = Array.from({ length: count }, () => `slu_${randomBytes(32).toString('base64url')}`);
    const rows = keys.map(
      (key, n) => `('${createHash('sha256').update(key).digest('hex')}', 'key ${n}', 'cluster-test')`,
    );
    await this.sql(`INSERT INTO api_keys (hash, name, owner) VALUES ${rows.join(', ')}`);
    return keys;
  }

  /** Runs a statement in the environment's Postgres and gives back its rows as text. */
  sql(statement: string): Promise<string> {
    const psql = ['psql', '-h', '127.0.0.1', '-U', 'sluice', '-v', 'ON_ERROR_STOP=1', '-qAt', '-f', '-'];
    const command = `PGPASSWORD=$(cat /run/secrets/postgres/password) exec ${psql.join(' ')}`;
    return kubectl(this.namespace, ['exec', '-i', 'postgres-0', '--', 'sh', '-c', command], statement);
  }

  /** Runs a CronJob now; its last words. Rejects with them when it fails. */
  async runJob(cronJob: string): Promise<string> {
    const job = `${cronJob}-${randomBytes(3).toString('hex')}`;
    await kubectl(this.namespace, ['create', 'job', `--from=cronjob/${cronJob}`, job]);
    type Job = { status: { succeeded?: number; conditions?: { type: string; status: string }[] } };
    const { status } = await poll(120_000, async () => {
      const found = JSON.parse(await kubectl(this.namespace, ['get', 'job', job, '--output=json'])) as Job;
      const isOver = found.status.conditions?.some(
        ({ type, status: is }) => /^(Complete|Failed)$/.test(type) && is === 'True',
      );
      if (!isOver) throw new Error(`${job} is not over`);
      return found;
    });
    const log = (await kubectl(this.namespace, ['logs', `job/${job}`])).trim();
    if (status.succeeded !== 1) throw new Error(log);
    return log;
  }

  /** Gives Postgres a new volume. */
  async emptyPostgres(): Promise<void> {
    const scale = (replicas: number) =>
      kubectl(this.namespace, ['scale', 'statefulset/postgres', `--replicas=${replicas}`]);
    await scale(0);
    await kubectl(this.namespace, ['wait', '--for=delete', 'pod/postgres-0', '--timeout=90s']);
    await kubectl(this.namespace, ['delete', 'pvc', 'data-postgres-0', '--wait=true']);
    await scale(1);
    await kubectl(this.namespace, ['rollout', 'status', 'statefulset/postgres', '--timeout=120s']);
  }

  /** The metrics page of a gateway pod. */
  metrics(pod: string): Promise<string> {
    const { opsPort } = this.service.gateway;
    const path = `/api/v1/namespaces/${this.namespace}/pods/${pod}:${opsPort}/proxy/metrics`;
    return kubectl(this.namespace, ['get', '--raw', path]);
  }

  /** The value of each series that the environment's own Prometheus has for a query. */
  async query(promql: string): Promise<readonly Series[]> {
    const path = `/api/v1/namespaces/${this.namespace}/services/prometheus:http/proxy/api/v1/query`;
    const text = await kubectl(this.namespace, ['get', '--raw', `${path}?query=${encodeURIComponent(promql)}`]);
    return (JSON.parse(text) as { data: { result: Series[] } }).data.result;
  }

  /** Deletes the namespace and all that is in it, without waiting for it. */
  async remove(): Promise<void> {
    await kubectl(this.namespace, ['delete', 'namespace', this.namespace, '--ignore-not-found', '--wait=false']);
  }

  /** What the pods are at and what the gateway said last. */
  private async describe(): Promise<string> {
    const pods = await kubectl(this.namespace, ['get', 'pods', '--output=wide']);
    const logs = ['logs', '--selector=app.kubernetes.io/name=gateway', '--tail=20', '--prefix'];
    return `${pods}\n${await kubectl(this.namespace, logs)}`;
  }

  private async openPort(): Promise<string> {
    const { port } = this.service.gateway;
    const args = ['expose', 'service', 'gateway', '--name=gateway-node-port', '--type=NodePort', `--port=${port}`];
    await kubectl(this.namespace, args);
    const path = '--output=jsonpath={.spec.ports[0].nodePort}';
    return `http://127.0.0.1:${await kubectl(this.namespace, ['get', 'service', 'gateway-node-port', path])}`;
  }
}
