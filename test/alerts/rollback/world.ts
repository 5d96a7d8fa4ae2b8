import type { Act, Facts, Pace, ReleaseRecord, Revision, RunningRevision } from '../../../alerts/rollback/index.ts';

/** What may be wrong with a release, or special about it. */
export type Build = Revision & { readonly neverReady?: boolean; readonly timeToReady?: number };

type Pod = { readonly hash: string; readonly createdAt: number; readyAt?: number };

type ReplicaSet = { readonly build: Build; number: number };

type Deployment = {
  template: Build;
  replicas: number;
  pace: Pace;
  paused: boolean;
  resourceVersion: number;
  writer: string;
};

/** What was seen together with the facts, and is tested when something is changed. */
const seenVersions = new WeakMap<Facts, number>();

const TIME_TO_READY = 20_000;

/**
 * A namespace with one gateway: a Deployment that replaces pods one surge at a time and takes none away before there is
 * another, ReplicaSets that equal templates share and whose revision numbers grow, a bounded history, quotas, and the
 * pods that the guard keeps. Time passes by `pass` alone.
 */
export class World {
  now = 1_800_000_000_000;
  readonly deployment: Deployment;
  readonly replicaSets = new Map<string, ReplicaSet>();
  pods: Pod[] = [];
  historyLimit = 10;
  quota = Number.POSITIVE_INFINITY;
  baseline: { of: string; createdAt: number } | undefined;
  withdrawn: { of: string; until: number; createdAt: number } | undefined;
  readonly quarantined = new Map<string, string>();
  readonly lostConfigurations = new Set<string>();
  readonly troubles = new Map<string, string>();
  readonly records = new Map<string, ReleaseRecord>();
  /** Whatever was done to the gateway, by whom and when. */
  readonly orders: { at: number; by: string; hash: string }[] = [];
  readonly told: ReleaseRecord[] = [];
  /** Releases of which was handed over what those that were restored in their place have more; once it was restored. */
  readonly handedOver = new Set<string>();

  constructor(first: Build, replicas = 3, pace: Pace = { surge: 1, minReadySeconds: 20 }) {
    this.deployment = { template: first, replicas, pace, paused: false, resourceVersion: 1, writer: 'pulumi' };
    this.replicaSets.set(first.hash, { build: first, number: 1 });
    for (let pod = 0; pod < replicas; pod++) {
      this.pods.push({ hash: first.hash, createdAt: this.now - 3_600_000, readyAt: this.now - 3_500_000 });
    }
  }

  /** A new template; a ReplicaSet is made of it, or found, when time passes. `pace`: what a manifest says of it. */
  deploy(template: Build, pace?: Pace, writer = 'pulumi'): void {
    Object.assign(this.deployment, { template, writer, ...(pace && { pace }) });
    this.deployment.resourceVersion++;
    this.orders.push({ at: this.now, by: writer, hash: template.hash });
  }

  /** What `kubectl rollout undo` does without a revision: back to the second highest number. */
  undo(): void {
    const [, previous] = [...this.replicaSets.values()].sort((a, b) => b.number - a.number);
    if (previous) this.deploy(previous.build, undefined, 'kubectl');
  }

  scale(replicas: number): void {
    this.deployment.replicas = replicas;
    this.deployment.resourceVersion++;
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.makeReplicaSet();
    for (const pod of this.pods) this.start(pod);
    if (!this.deployment.paused) this.roll();
    this.trim();
  }

  ready(hash: string): number {
    return this.pods.filter((pod) => pod.hash === hash && pod.readyAt !== undefined).length;
  }

  /** Pods in the Service, by what they run. */
  serving(): readonly string[] {
    const kept = this.baseline && this.now - this.baseline.createdAt >= TIME_TO_READY ? [this.baseline.of] : [];
    return [...this.pods.filter(({ readyAt }) => readyAt !== undefined).map(({ hash }) => hash), ...kept];
  }

  facts(): Facts {
    const { template, paused, replicas, pace, writer, resourceVersion } = this.deployment;
    const isMade = this.replicaSets.has(template.hash);
    const facts: Facts = {
      now: this.now,
      gateway: {
        ...(isMade && { hash: template.hash }),
        paused,
        replicas,
        pace: { ...pace },
        isComplete: this.pods.length === replicas && this.ready(template.hash) === replicas,
        writer,
      },
      revisions: [...this.replicaSets.values()]
        .sort((a, b) => b.number - a.number)
        .map(({ build }) => this.running(build)),
      ...(this.baseline && {
        baseline: { of: this.baseline.of, hash: `${this.baseline.of}-b`, ready: this.serving().length },
      }),
      ...(this.withdrawn && {
        withdrawn: { of: this.withdrawn.of, hash: `${this.withdrawn.of}-w`, ready: 1, until: this.withdrawn.until },
      }),
      quarantined: [...this.quarantined.keys()],
      ...(Number.isFinite(this.quota) && { room: Math.max(0, this.quota - this.pods.length) }),
      withoutConfiguration: [...this.lostConfigurations],
    };
    seenVersions.set(facts, resourceVersion);
    return facts;
  }

  /** Does an act as it is to be done. Changes of the Deployment fail when it has changed since the facts were read. */
  execute(act: Act, facts: Facts): void {
    ACTIONS[act.kind](this, act as never, facts);
  }

  private makeReplicaSet(): void {
    const { template } = this.deployment;
    const newest = Math.max(0, ...[...this.replicaSets.values()].map(({ number }) => number));
    const known = this.replicaSets.get(template.hash);
    // One that is paused makes none, and still finds one that is there.
    if (!known && this.deployment.paused) return;
    if (!known) this.replicaSets.set(template.hash, { build: template, number: newest + 1 });
    else if (known.number < newest) known.number = newest + 1;
  }

  private start(pod: Pod): void {
    const { neverReady, timeToReady = TIME_TO_READY } = this.replicaSets.get(pod.hash)?.build ?? {};
    const isUp = !neverReady && !this.troubles.has(pod.hash) && this.now - pod.createdAt >= timeToReady;
    if (isUp) pod.readyAt ??= this.now;
  }

  /** At most `surge` pods above the wanted number, and never fewer available ones than wanted. */
  private roll(): void {
    const { template, replicas, pace } = this.deployment;
    const isNew = ({ hash }: Pod) => hash === template.hash;
    const isAvailable = ({ readyAt = Number.POSITIVE_INFINITY }: Pod) =>
      this.now - readyAt >= pace.minReadySeconds * 1000;
    const canAdd = () =>
      this.pods.filter(isNew).length < replicas &&
      this.pods.length < replicas + pace.surge &&
      this.pods.length < this.quota;
    // What is not Ready goes first, as the Deployment's controller does with pods that serve nobody.
    this.pods = this.pods.filter((pod) => isNew(pod) || pod.readyAt !== undefined);
    while (canAdd()) this.pods.push({ hash: template.hash, createdAt: this.now });
    const old = this.pods.filter((pod) => !isNew(pod));
    const spare = this.pods.filter(isAvailable).length - replicas;
    const gone = new Set(old.slice(0, Math.max(0, spare)));
    this.pods = this.pods.filter((pod) => !gone.has(pod));
    const tooMany = this.pods.filter(isNew).length - replicas;
    if (tooMany > 0) {
      const extra = new Set(this.pods.filter(isNew).slice(-tooMany));
      this.pods = this.pods.filter((pod) => !extra.has(pod));
    }
  }

  private trim(): void {
    const old = [...this.replicaSets.values()]
      .filter(({ build }) => build.hash !== this.deployment.template.hash)
      .filter(({ build }) => !this.pods.some(({ hash }) => hash === build.hash))
      .sort((a, b) => b.number - a.number);
    for (const { build } of old.slice(this.historyLimit)) this.replicaSets.delete(build.hash);
  }

  private running({ neverReady: _, timeToReady: __, ...revision }: Build): RunningRevision {
    const trouble = this.troubles.get(revision.hash);
    return {
      ...revision,
      wanted: this.pods.filter(({ hash }) => hash === revision.hash).length,
      ready: this.ready(revision.hash),
      ...(trouble !== undefined && { trouble }),
    };
  }
}

type Of<K extends Act['kind']> = Extract<Act, { kind: K }>;

const ACTIONS: { readonly [K in Act['kind']]: (world: World, act: Of<K>, facts: Facts) => void } = {
  restore(world, { from, target, pace }, facts) {
    const found = world.replicaSets.get(target);
    const isUnchanged = seenVersions.get(facts) === world.deployment.resourceVersion;
    if (!found || !isUnchanged || facts.gateway?.hash !== from) return;
    world.deploy(found.build, pace, 'sluice-guard');
  },
  'put-back'(world, { pace }, facts) {
    if (seenVersions.get(facts) !== world.deployment.resourceVersion) return;
    world.deployment.pace = pace;
    world.deployment.resourceVersion++;
  },
  'hand-over'(world, { of }) {
    if (world.deployment.template.hash !== of) world.handedOver.add(of);
  },
  'keep-baseline': (world, { of }) => void (world.baseline = { of, createdAt: world.now }),
  'drop-baseline': (world) => void (world.baseline = undefined),
  'keep-withdrawn': (world, { of, until }) => void (world.withdrawn = { of, until, createdAt: world.now }),
  'drop-withdrawn': (world) => void (world.withdrawn = undefined),
  quarantine: (world, { release, reason }) => void world.quarantined.set(release.id, reason),
  record: (world, { record }) => void world.records.set(record.id, record),
  tell: (world, { record }) => void world.told.push(record),
};
