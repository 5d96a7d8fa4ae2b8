import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretObjects, synthesize, writeSyntheses, type SecretValues } from '../../infra/synth/index.ts';
import { wantedSecrets, type SecretKey } from '../../infra/synth/secret-values.ts';
import { definition, withValues, type EnvironmentName, type Service } from '../../service/definition/index.ts';
import { NODE_IMAGES, type Image } from './images.ts';
import { kubectl, list, readyGateways } from './kubectl.ts';
import { poll } from './poll.ts';

const READY_LIMIT_MS = 180_000;

/** Without two more pods to start and one to compare with, unless a test is about the guard and says otherwise. */
const DEFAULTS = ['release.guard.mode=off'];

/** One series of a query's answer: its labels, and when it had which value. */
export type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };

/** Which environment a test wants, and how it differs from what the definition says. */
export type EnvironmentOptions = {
  /** Default dev. */
  readonly base?: EnvironmentName;
  /** Values of the definition to replace, each as `path=value`. */
  readonly values?: readonly string[];
  /** Secrets beside the passwords, which are made for each run. */
  readonly secrets?: SecretValues;
  /** Where statements run; default the environment's own Postgres. */
  readonly postgres?: PostgresPod;
};

/** How an environment is applied once. */
export type ApplyOptions = {
  /** Values of the definition to replace this time, each as `path=value`. */
  readonly values?: readonly string[];
  /** For `kubectl apply`. */
  readonly args?: readonly string[];
};

/** A pod of Postgres with the user and the database `sluice`, and its password in /run/secrets/postgres. */
export type PostgresPod = { readonly namespace: string; readonly pod: string };

/** A namespace of a cluster with an environment in it. */
export class Environment {
  readonly namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
  private readonly options: Required<EnvironmentOptions>;
  private readonly passwords: Partial<Record<SecretKey, string>> = {};
  private values: readonly string[];
  private service: Service;
  /** Where load may be sent from this machine: a port of the node. */
  origin = '';

  constructor(options: EnvironmentOptions = {}) {
    const postgres = { namespace: this.namespace, pod: 'postgres-0' };
    this.options = { base: 'dev', values: [], secrets: {}, postgres, ...options };
    this.values = this.options.values;
    this.service = definition[this.options.base];
  }

  /** Applies what `sluice synth` writes, with an image, and secrets made for this run. */
  async install(image: Image): Promise<void> {
    await this.apply(image);
    await this.applySecrets();
    this.origin = await this.openPort();
    await this.allReady();
  }

  /** Applies the environment with an image; what differs rolls. Rejects with what kubectl said. */
  async apply(image: Image, { values = [], args = [] }: ApplyOptions = {}): Promise<void> {
    const { base } = this.options;
    this.service = this.serviceWith(image, values);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
    try {
      writeSyntheses([synthesize(this.service)], join(folder, 'out'));
      await kubectl(this.namespace, ['apply', '--server-side', ...args, '-k', join(folder, 'out', base)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Applies the environment with some values changed; first the Secrets that follow from them, which pods read once. */
  async change(image: Image, values: readonly string[]): Promise<void> {
    this.values = [...this.values, ...values];
    this.service = this.serviceWith(image);
    await this.applySecrets();
    await this.apply(image);
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

  /** Runs a statement in Postgres and gives back its rows as text. */
  sql(statement: string): Promise<string> {
    const psql = ['psql', '-h', '127.0.0.1', '-U', 'sluice', '-v', 'ON_ERROR_STOP=1', '-qAt', '-f', '-'];
    const command = `PGPASSWORD=$(cat /run/secrets/postgres/password) exec ${psql.join(' ')}`;
    const { namespace, pod } = this.options.postgres;
    return kubectl(namespace, ['exec', '-i', pod, '--', 'sh', '-c', command], statement);
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

  /** Gives the environment's own Postgres a new volume. */
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

  private serviceWith({ repository, digest }: Image, values: readonly string[] = []): Service {
    return withValues(definition[this.options.base], [
      `namespace=${this.namespace}`,
      `image.repository=${repository}`,
      `image.digest=${digest}`,
      ...NODE_IMAGES,
      ...DEFAULTS,
      ...this.values,
      ...values,
    ]);
  }

  private async applySecrets(): Promise<void> {
    for (const name of wantedSecrets(this.service).passwords) this.passwords[name] ??= randomBytes(32).toString('hex');
    const secrets = secretObjects(this.service, { ...this.passwords, ...this.options.secrets });
    const lines = secrets.map((secret) => JSON.stringify(secret)).join('\n');
    await kubectl(this.namespace, ['apply', '--server-side', '-f', '-'], lines);
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
