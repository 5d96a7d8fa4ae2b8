import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { COMPANIONS, PHASES, STORES, type Freeze, type Phase, type State } from '../../alerts/rollback/state.ts';
import type { ReleaseRecord } from '../../alerts/rollback/record.ts';
import { METRICS, select } from '../../service/telemetry/catalogue.ts';
import { PROJECT } from '../support/serve.ts';
import { Environment, type ApplyOptions } from './environment.ts';
import { kubectl, list, type Pod } from './kubectl.ts';
import { NODE_IMAGES, type Image } from './images.ts';
import { poll } from './poll.ts';

const run = promisify(execFile);

/** Nothing of a test is held by limits; releases follow each other without a pause, and need not last long. */
const VALUES = [
  'release.guard.mode=act',
  'release.watch=60s',
  'release.cooldown=1s',
  'release.withdrawnFor=10m',
  // The share of the new pods is to be known: what they take to start is much of what is asked for them.
  'scaling.max=3',
  'limits.address=1000000/min',
  'limits.global.bucket.capacity=1000000',
  'limits.global.bucket.refill=20000/s',
  'routes.search.limit=999999/min',
];

const ROLL_MS = 60_000;

type Named = { readonly metadata: { readonly name: string } };
type GuardedPod = Pod & {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
};

/** An environment dev whose releases are guarded, with what tests want to know of its guard and do to it. */
export class Guarded extends Environment {
  private readonly set: readonly string[];

  constructor(values: readonly string[] = []) {
    const all = [...VALUES, ...values];
    super({ values: all });
    this.set = [...all, `namespace=${this.namespace}`];
  }

  /**
   * Deploys a release as whoever owns the environment does, over what the guard has changed; the hash of its pods.
   * Rejects with what kubectl said.
   */
  async release(image: Image, { values = [], args = [] }: ApplyOptions = {}): Promise<string> {
    await this.apply(image, { values, args: ['--force-conflicts', ...args] });
    return this.hash();
  }

  /** The hash of the template that the gateway's Deployment wants now. */
  async hash(): Promise<string> {
    type Deployment = { metadata: { generation: number }; status: { observedGeneration?: number } };
    type ReplicaSet = { metadata: { labels: Record<string, string>; annotations: Record<string, string> } };
    await poll(ROLL_MS, async () => {
      const { metadata, status } = await this.get<Deployment>('deployment', 'gateway');
      if (status.observedGeneration !== metadata.generation) throw new Error('the Deployment was not looked at yet');
    });
    const sets = await list<ReplicaSet>(this.namespace, 'replicasets', gatewayOf('gateway'));
    const revision = ({ metadata }: ReplicaSet) => Number(metadata.annotations['deployment.kubernetes.io/revision']);
    const [newest] = [...sets].sort((a, b) => revision(b) - revision(a));
    return newest?.metadata.labels['pod-template-hash'] ?? '';
  }

  /** Pods of the gateway's own Deployment, of its baseline or of what is withdrawn; the last ones wait for their end. */
  pods(instance: 'gateway' | (typeof COMPANIONS)[keyof typeof COMPANIONS]): Promise<readonly GuardedPod[]> {
    return list<GuardedPod>(this.namespace, 'pods', gatewayOf(instance));
  }

  /** Names of the pods that the Service sends requests to. */
  async served(): Promise<readonly string[]> {
    type Slice = { endpoints?: { conditions: { ready?: boolean }; targetRef?: { name: string } }[] };
    const slices = await list<Slice>(this.namespace, 'endpointslices', 'kubernetes.io/service-name=gateway');
    return slices
      .flatMap(({ endpoints = [] }) => endpoints)
      .flatMap(({ conditions, targetRef }) => (conditions.ready !== false && targetRef ? [targetRef.name] : []));
  }

  /** What the guard keeps. */
  async state(): Promise<State> {
    const { state = '{}' } = await this.data(STORES.guard);
    return JSON.parse(state) as State;
  }

  /** What a person has frozen. */
  async freeze(): Promise<Freeze | undefined> {
    const { freeze } = await this.data(STORES.guard);
    return freeze === undefined ? undefined : (JSON.parse(freeze) as Freeze);
  }

  /** The records of releases, the oldest first. */
  async records(): Promise<readonly ReleaseRecord[]> {
    const all = Object.values(await this.data(STORES.releases)).map((text) => JSON.parse(text) as ReleaseRecord);
    return all.sort((a, b) => a.seenAt - b.seenAt);
  }

  /** The newest record of the release with this hash; rejects when there is none in time. */
  ended(hash: string, withinMs: number): Promise<ReleaseRecord> {
    return poll(withinMs, async () => {
      const found = (await this.records()).findLast((record) => record.hash === hash);
      if (!found) throw new Error(`no record of ${hash}: ${JSON.stringify(await this.phase())}`);
      return found;
    });
  }

  /** Resolves once the guard watches the release with this hash. */
  async watched(hash: string, withinMs = ROLL_MS): Promise<void> {
    await poll(withinMs, async () => {
      const { watch } = await this.state();
      if (watch?.hash !== hash) throw new Error(`the guard watches ${watch?.hash ?? 'nothing'}, not ${hash}`);
    });
  }

  /** Resolves once the guard is where it says with the release with this hash, or further. */
  async reached(hash: string, phase: Phase, withinMs: number): Promise<void> {
    await poll(withinMs, async () => {
      const now = await this.phase();
      if (now.hash !== hash || PHASES.indexOf(now.phase) < PHASES.indexOf(phase))
        throw new Error(`the guard is ${now.phase} with ${now.hash ?? 'nothing'}, not ${phase} with ${hash}`);
    });
  }

  /** Where the guard is, and with which release. */
  async phase(): Promise<Pick<State, 'phase'> & { readonly hash: string | undefined }> {
    const { phase, watch } = await this.state();
    return { phase, hash: watch?.hash };
  }

  /** Quarantined releases by their id. */
  quarantined(): Promise<Readonly<Record<string, string>>> {
    return this.data(STORES.quarantine);
  }

  /** The pod of the guard that decides; rejects when none does. */
  async leader(): Promise<string> {
    const { spec } = await this.get<{ spec: { holderIdentity?: string } }>('lease', STORES.lease);
    if (!spec.holderIdentity) throw new Error('no guard leads');
    return spec.holderIdentity;
  }

  /** Ends the guard that leads as a loss of power would, once one that is alive does; its name. */
  killLeader(): Promise<string> {
    return poll(ROLL_MS, async () => {
      const pod = await this.leader();
      await kubectl(this.namespace, ['delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false']);
      return pod;
    });
  }

  /** How many of the guards take themselves for the one that decides, as Prometheus has it. */
  async leads(): Promise<number> {
    const [sum] = await this.query(`sum(${select(METRICS.guardLeads)})`);
    return Number(sum?.value[1] ?? 0);
  }

  /** How often the template of the gateway was changed, by Kubernetes' count. */
  async revision(): Promise<number> {
    await this.hash();
    type Deployment = { metadata: { annotations: Record<string, string> } };
    const { metadata } = await this.get<Deployment>('deployment', 'gateway');
    return Number(metadata.annotations['deployment.kubernetes.io/revision']);
  }

  /** What rollouts of the gateway keep to. */
  async pace(): Promise<{ readonly surge: number | string; readonly minReadySeconds: number }> {
    type Deployment = {
      spec: { minReadySeconds?: number; strategy: { rollingUpdate: { maxSurge: number | string } } };
    };
    const { spec } = await this.get<Deployment>('deployment', 'gateway');
    return { surge: spec.strategy.rollingUpdate.maxSurge, minReadySeconds: spec.minReadySeconds ?? 0 };
  }

  /** Has the sample upstream run from another image, which the next release takes back. */
  async upstreamFrom({ repository, digest }: Image): Promise<void> {
    const [{ spec } = { spec: undefined }] = await list<{
      spec: { template: { spec: { containers: { name: string }[] } } };
    }>(this.namespace, 'deployments', 'app.kubernetes.io/name=upstream');
    const name = spec?.template.spec.containers[0]?.name ?? 'upstream';
    await kubectl(this.namespace, ['set', 'image', 'deployment/upstream', `${name}=${repository}@${digest}`]);
    await kubectl(this.namespace, ['rollout', 'status', 'deployment/upstream', '--timeout=60s']);
  }

  /** Has a host name of this namespace be known, or no longer. */
  async know(host: string, isKnown: boolean): Promise<void> {
    const args = isKnown
      ? ['create', 'service', 'clusterip', host, '--tcp=80']
      : ['delete', 'service', host, '--ignore-not-found'];
    await kubectl(this.namespace, args);
  }

  /** The values of a release, for commands that take them by `--set`. */
  valuesOf({ repository, digest }: Image, values: readonly string[] = []): readonly string[] {
    return [...this.set, `image.repository=${repository}`, `image.digest=${digest}`, ...NODE_IMAGES, ...values];
  }

  /** Runs `sluice release` for this environment; how it ended, and what it said. */
  async sluiceRelease(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const settings = ['--env', 'dev', '--set', ...this.set];
    const command = ['infra/cli/sluice.js', 'release', ...args, ...settings];
    try {
      const { stdout, stderr } = await run(process.execPath, command, { cwd: PROJECT });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  }

  private async data(configMap: string): Promise<Readonly<Record<string, string>>> {
    return (await this.get<{ data?: Record<string, string> }>('configmap', configMap)).data ?? {};
  }

  private async get<T>(kind: string, name: string): Promise<T & Named> {
    return JSON.parse(await kubectl(this.namespace, ['get', kind, name, '--output=json'])) as T & Named;
  }
}

/** The labels of pods of the gateway, or of what the guard keeps of it. */
function gatewayOf(instance: string): string {
  const name = instance === COMPANIONS.withdrawn ? instance : 'gateway';
  return `app.kubernetes.io/name=${name},app.kubernetes.io/instance=${instance}`;
}
