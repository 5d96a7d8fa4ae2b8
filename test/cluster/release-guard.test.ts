import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { deployUp } from '../../infra/cli/deploy/up.ts';
import { METRICS, select } from '../../service/telemetry/catalogue.ts';
import { failing, readyWhileKnown, slow, slowUpstream } from './bad-releases.ts';
import { Deploys } from './deploys.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Guarded } from './guarded.ts';
import { buildImage, type Image } from './images.ts';
import { kubectl } from './kubectl.ts';
import { poll } from './poll.ts';
import { addQuarantinePolicies, removeQuarantinePolicies } from './quarantine-policies.ts';
import { isBad, isFailed, searchesAt, startTimedLoad, type TimedLoad } from './timed-load.ts';
import { inWords, observeWithdrawal, type Withdrawal } from './withdrawal.ts';

/** Two of three pods are new once a release has rolled, and so are 20 of these requests a second. */
const PER_SECOND = 30;
/** The good release's pods get Ready while this host name is known. */
const HOST = 'the-good-release-may-start';
/** What the product promises. */
const DETECTED_MS = 45_000;
const RESTORED_MS = 120_000;
/** Of a rollback, from the deploy on: a rollout, the promise, and the end of watching. */
const ENDED_MS = 240_000;

/** Another release of the same image: a value that changes nothing that a test looks at. */
let variants = 0;
const another = (): readonly string[] => [`cache.warmUp.every=${61 + variants++}m`];

describeOnCluster('the guard of releases', () => {
  const guarded = new Guarded();
  const { namespace } = guarded;
  let images: Readonly<Record<'good' | 'failing' | 'slow' | 'slowUpstream', Image>>;
  let goodHash: string;
  let load: TimedLoad = { answered: [], stop: () => Promise.resolve() };

  beforeAll(async () => {
    images = {
      good: buildImage('900d000', readyWhileKnown(HOST)),
      failing: buildImage('fa11000', failing),
      slow: buildImage('510e000', slow),
      slowUpstream: buildImage('510e0b5', slowUpstream),
    };
    await addQuarantinePolicies(namespace);
    await kubectl(namespace, ['create', 'namespace', namespace]);
    await guarded.know(HOST, true);
    await guarded.install(images.good);
    goodHash = await guarded.hash();
    load = startTimedLoad(PER_SECOND, searchesAt(guarded.origin));
    expect((await guarded.ended(goodHash, ENDED_MS)).outcome).toBe('proven');
  }, 600_000);
  afterAll(async () => {
    await load.stop();
    await guarded.remove();
    await removeQuarantinePolicies(namespace);
  });
  beforeEach(() => poll(120_000, async () => expect(await guarded.pods('gateway-baseline')).toEqual([])));

  /** Deploys a release and sees it withdrawn. */
  async function withdraw(
    image: Image,
    { values = another(), bad = isFailed, beside = () => Promise.resolve() }: WithdrawOptions = {},
  ): Promise<Withdrawal> {
    const since = Date.now();
    const hash = await guarded.release(image, { values });
    const observed = observeWithdrawal({ guarded, load, hash, since, isBad: bad, within: ENDED_MS });
    const [withdrawal] = await Promise.all([observed, beside(hash)]);
    process.stderr.write(`${expect.getState().currentTestName}: ${inWords(withdrawal)}\n`);
    return withdrawal;
  }

  /** Resolves once users meet the version before too. */
  async function baselineServed(): Promise<void> {
    await poll(60_000, async () => {
      const [baseline] = await guarded.pods('gateway-baseline');
      expect(baseline).toBeDefined();
      expect(await guarded.served()).toContain(baseline?.metadata.name);
    });
  }

  /** What follows every rollback by the guard. */
  async function expectWithdrawn({ record }: Withdrawal): Promise<void> {
    expect(record).toMatchObject({
      outcome: 'restored',
      previous: { hash: goodHash },
      firstReadyAt: expect.any(Number),
      decision: { verdict: { answer: 'roll-back', rule: 'bad' }, evidence: { target: { hash: goodHash } } },
      restore: { target: { hash: goodHash }, finishedAt: expect.any(Number) },
      timings: { detection: expect.any(Number), restore: expect.any(Number), whole: expect.any(Number) },
    });
    expect(record.samples.at(-1)?.release?.requests).toBeGreaterThanOrEqual(100);
    expect(await guarded.hash()).toBe(goodHash);
    expect(Object.keys(await guarded.quarantined())).toContain(record.release.id);
    expect((await guarded.state()).rolledBack.filter((hash) => hash === record.hash)).toHaveLength(1);
    expect(await guarded.pace()).toEqual({ surge: 1, minReadySeconds: 5 });
    expect(await guarded.sluiceRelease('explain', record.id)).toMatchObject({ code: 0 });
  }

  test('withdraws a release that answers 500 to 5 % of its requests, in time', async () => {
    const withdrawal = await withdraw(images.failing);

    await expectWithdrawn(withdrawal);
    expect(withdrawal.detected).toBeLessThanOrEqual(DETECTED_MS);
    expect(withdrawal.restored).toBeLessThanOrEqual(RESTORED_MS);
    // One pod of it stays to be looked at, where no user meets it.
    const [kept] = await poll(60_000, async () => {
      const pods = await guarded.pods('gateway-withdrawn');
      expect(pods.map(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.status)).toEqual([
        'True',
      ]);
      return pods;
    });
    expect(await guarded.served()).not.toContain(kept?.metadata.name);
  }, 300_000);

  test('keeps a withdrawn release from coming back by apply, up or undo, until it is allowed', async () => {
    const { release } = (await guarded.records()).findLast(({ outcome }) => outcome === 'restored') ?? {};
    const values = [`cache.warmUp.every=${60 + variants}m`];
    const again = () => guarded.release(images.failing, { values, args: ['--dry-run=server'] });

    await expect(again()).rejects.toThrow(/quarantined/);
    // The one before the one that runs is the one that was withdrawn.
    const undo = () => kubectl(namespace, ['rollout', 'undo', 'deployment/gateway']);
    await expect(undo()).rejects.toThrow(/quarantined/);
    await expect(undo()).rejects.toThrow(/quarantined/);
    const deploys = await Deploys.start('dev');
    try {
      const set = guarded.valuesOf(images.failing, values);
      await expect(deploys.run(deployUp, { env: 'dev', set })).rejects.toThrow(
        /quarantined since .* sluice release allow/s,
      );
    } finally {
      deploys.remove();
    }
    expect(await guarded.hash()).toBe(goodHash);

    expect(await guarded.sluiceRelease('allow', release?.id ?? '', '--reason', 'tested')).toMatchObject({ code: 0 });
    await poll(10_000, again);
    expect(await guarded.hash()).toBe(goodHash);
  }, 120_000);

  test('withdraws a release whose P95 is 450 ms, while the autoscaler adds pods', async () => {
    const minReplicas = (pods: number) =>
      kubectl(namespace, ['patch', 'hpa', 'gateway', '--patch', JSON.stringify({ spec: { minReplicas: pods } })]);
    const withdrawal = await withdraw(images.slow, {
      bad: isBad,
      beside: (hash) => guarded.reached(hash, 'verifying', ENDED_MS).then(() => minReplicas(3)),
    });
    await poll(60_000, async () => expect((await guarded.pods('gateway')).length).toBeGreaterThanOrEqual(3));
    await minReplicas(2);

    await expectWithdrawn(withdrawal);
    expect(withdrawal.detected).toBeLessThanOrEqual(DETECTED_MS);
    expect(withdrawal.restored).toBeLessThanOrEqual(RESTORED_MS);
  }, 300_000);

  test('withdraws a bad configuration of a good image once, however often the guard that leads is killed', async () => {
    const killed: string[] = [];
    const kill = async (): Promise<void> => {
      await wait(Math.random() * 2_000);
      killed.push(await guarded.killLeader());
    };
    const revision = await guarded.revision();
    const withdrawal = await withdraw(images.good, {
      values: ['upstream.origin=http://upstream:8099', ...another()],
      async beside(hash) {
        for (const phase of ['deciding', 'rolling-back', 'verifying'] as const) {
          await guarded.reached(hash, phase, ENDED_MS);
          await kill();
        }
      },
    });

    await expectWithdrawn(withdrawal);
    expect(new Set(killed).size).toBeGreaterThan(0);
    // The release, and one way back: of two guards, and of those that came after them, one acted.
    expect(await guarded.revision()).toBe(revision + 2);
    expect((await guarded.records()).filter(({ hash }) => hash === withdrawal.record.hash)).toHaveLength(1);
    // The good image stays free: what is quarantined is this pair.
    await guarded.release(images.good, { values: another(), args: ['--dry-run=server'] });
    await poll(60_000, async () => expect(await guarded.leads()).toBe(1));
  }, 300_000);

  test('leaves a rollback to whoever deploys another release meanwhile', async () => {
    const bad = await guarded.release(images.failing, { values: another() });
    await guarded.reached(bad, 'deciding', ENDED_MS);
    // So that the restore is not over before the next release comes.
    await guarded.know(HOST, false);
    await guarded.reached(bad, 'verifying', ENDED_MS);
    const next = await guarded.release(images.good, { values: another() });
    await guarded.know(HOST, true);

    expect((await guarded.ended(bad, ENDED_MS)).outcome).toBe('superseded');
    await guarded.watched(next);
    expect(await guarded.hash()).toBe(next);
    expect(await guarded.pace()).toEqual({ surge: 1, minReadySeconds: 5 });
    await kubectl(namespace, ['rollout', 'status', 'deployment/gateway', '--timeout=90s']);
  }, 300_000);

  test('leaves a release alone when a dependency makes the version before as slow', async () => {
    const hash = await guarded.release(images.good, { values: another() });
    await baselineServed();
    await guarded.upstreamFrom(images.slowUpstream);

    // An alert that comes just after the end of the window takes back that the release is proven.
    const record = await poll(ENDED_MS, async () => {
      const found = await guarded.ended(hash, 0);
      expect(found.outcome).toBe('refused');
      return found;
    });
    expect(record.decision?.verdict.rule).toBe('cause-elsewhere');
    expect(await guarded.hash()).toBe(hash);
    expect(Object.keys(await guarded.quarantined())).not.toContain(record.release.id);
    await guarded.upstreamFrom(images.good);
  }, 300_000);

  test('calls people, and moves nothing a second time, when the good release does not get Ready', async () => {
    const revision = await guarded.revision();
    const hash = await guarded.release(images.failing, { values: another() });
    // What is compared with is a pod of the good release that starts too.
    await baselineServed();
    await guarded.know(HOST, false);

    expect(await guarded.ended(hash, ENDED_MS)).toMatchObject({ outcome: 'failed', restore: { target: {} } });
    const target = (await guarded.ended(hash, 0)).restore?.target.hash;
    await poll(60_000, async () => {
      expect(await guarded.query(`${select(METRICS.releaseOutcome, { outcome: 'failed' })} == 1`)).toHaveLength(1);
      expect(await guarded.query(select(METRICS.alerts, { alertname: 'ReleaseNotRestored' }))).toHaveLength(1);
    });
    expect([await guarded.hash(), await guarded.revision()]).toEqual([target, revision + 2]);
    await guarded.know(HOST, true);
    await kubectl(namespace, ['rollout', 'status', 'deployment/gateway', '--timeout=120s']);
  }, 400_000);
});

type WithdrawOptions = {
  /** Values of the release; default those of one that is like no other. */
  readonly values?: readonly string[];
  /** What answers of it are bad; default those that failed. */
  readonly bad?: typeof isFailed;
  /** Done meanwhile, with the hash of its pods. */
  readonly beside?: (hash: string) => Promise<unknown>;
};
