import {
  addEvent,
  advance,
  due,
  orderKey,
  settled,
  withoutTaken,
  type Act,
  type GuardEvent,
  type Policy,
  type State,
} from '../../../alerts/rollback/index.ts';
import { Store } from './store.ts';
import { FAILS, Traffic, type Manner } from './traffic.ts';
import { World, type Build } from './world.ts';

/** As prod has it. */
export const POLICY: Policy = {
  mode: 'act',
  errors: 0.02,
  fast: 0.95,
  minimumSample: 100,
  watch: 300_000,
  pending: 10_000,
  patience: 20_000,
  cooldown: 900_000,
  withdrawnFor: 3_600_000,
  restoreDeadline: 120_000,
  detectionDeadline: 60_000,
  restoreSurge: 3,
  timeToReady: 20_000,
  baseline: 1,
  alertAge: 600_000,
  silence: 120_000,
  probes: 5,
  probePaths: ['/v1/search?q=sluice'],
};

/** A release of a version; its image and configuration are its own unless others are named. */
export function build(hash: string, version = '1.0.0', changes: Partial<Build> = {}): Build {
  const release = { id: `${hash}-c0ffee`, image: `sluice@sha256:${hash}`, configuration: 'c0ffee' };
  return { hash, release, version, safeFrom: '0.0.0', ...changes };
}

/** One change of the Deployment by the guard, and what it followed from. */
export type Move = {
  readonly from: string;
  readonly target: string;
  readonly decidedAt: number;
  readonly isOrdered: boolean;
  /** What nobody should have gone back to when it was decided. */
  readonly banned: readonly string[];
};

/** One simulated environment, and guards that run in it. */
export type Drive = ReturnType<typeof drive>;

/** A guard that stops at each place where it could be killed: before it looks, and after each thing that it did. */
export type Guard = Generator<string, void>;

/** An environment with a first release; nobody has watched it yet. */
export function drive(options: { readonly policy?: Partial<Policy>; readonly replicas?: number } = {}) {
  const policy: Policy = { ...POLICY, ...options.policy };
  const world = new World(build('good'), options.replicas);
  const store = new Store();
  const traffic = new Traffic(world, store, policy);
  const acts: { readonly at: number; readonly act: Act }[] = [];
  const moves: Move[] = [];

  function* guard(): Guard {
    for (;;) {
      yield 'slept';
      let { version } = store;
      let state = store.state;
      const facts = world.facts();
      const sample =
        state.phase === 'deciding' && state.watch
          ? traffic.sample(state.watch.hash, state.watch.previous?.hash)
          : undefined;
      const signs = { watchdog: world.now, prometheus: traffic.answers ? world.now : 0 };
      yield 'looked';
      const next = advance(state, { inbox: store.inbox, facts, sample, signs }, policy);
      const keep = (changed: typeof state) => {
        const isKept = store.swap(version, changed, withoutTaken(store.inbox, changed));
        if (isKept) ({ version } = store);
        if (isKept) state = changed;
        return isKept;
      };
      if (next !== state && !keep(next)) continue;
      yield 'stored';
      for (const act of due(state, facts, policy)) {
        const before = world.orders.length;
        world.execute(act, facts);
        acts.push({ at: world.now, act });
        if (act.kind === 'restore' && world.orders.length > before) moves.push(moveOf(act, state, facts.quarantined));
        yield act.kind;
        const after = settled(state, act);
        if (after === state) continue;
        if (!keep(after)) break;
        yield 'settled';
      }
    }
  }

  let current = guard();
  const tick = () => {
    world.pass(1000);
    traffic.pass(1000);
  };
  /** Lets a guard do one round: from one sleep to the next. */
  const round = (one: Guard) => {
    while (one.next().value !== 'slept');
  };
  current.next();

  return {
    policy,
    world,
    store,
    traffic,
    acts,
    moves,
    guard,
    tick,
    round,
    /** Runs one guard for so many seconds. */
    run(seconds: number): void {
      for (let second = 0; second < seconds; second++) {
        tick();
        round(current);
      }
    },
    /** Runs until a condition holds; throws when it does not in time. */
    until(holds: () => boolean, seconds = 1200): void {
      for (let second = 0; second < seconds; second++) {
        if (holds()) return;
        tick();
        round(current);
      }
      throw new Error(`it did not come about in ${seconds} s; the guard is ${store.state.phase}`);
    },
    /** Another guard takes over, wherever the one before was. */
    restart(): void {
      current = guard();
      current.next();
    },
    release(release: Build, manner?: Manner): void {
      if (manner) traffic.manners.set(release.hash, manner);
      world.deploy(release, { surge: 1, minReadySeconds: 20 });
    },
    order(hash: string, target?: string, skew = 0): void {
      const startsAt = world.now + skew;
      const event: GuardEvent = {
        key: orderKey({ by: 'ada', startsAt, hash }),
        kind: 'order',
        name: 'ada',
        hash,
        storedAt: startsAt,
        startsAt,
        reason: 'it looks wrong',
        ...(target !== undefined && { target }),
      };
      store.inbox = addEvent(store.inbox, event, store.state.taken).inbox;
    },
    /** How it ended with a release last. */
    outcome(hash: string) {
      return [...world.records.values()].filter((record) => record.hash === hash).at(-1)?.outcome;
    },
    /** What the guard has changed the Deployment to. */
    restores: () => world.orders.filter(({ by }) => by === 'sluice-guard').map(({ hash }) => hash),
  };
}

/** The same, with the first release already proven good. */
export function settledDrive(options: Parameters<typeof drive>[0] = {}): Drive {
  const one = drive(options);
  one.until(() => one.store.state.phase === 'done');
  return one;
}

/** An environment whose release `bad` was gone back from. */
export function withdrawn(one: Drive = settledDrive()): Drive {
  one.release(build('bad'), FAILS);
  one.until(() => one.outcome('bad') === 'restored');
  return one;
}

/** A release that goes bad only when all of its pods are there. */
export function badAfterRollout(one: Drive): Drive {
  one.release(build('bad'));
  one.run(5);
  one.until(() => one.world.facts().gateway?.isComplete === true);
  one.run(30);
  one.traffic.manners.set('bad', FAILS);
  return one;
}

function moveOf(
  { from, target }: Extract<Act, { kind: 'restore' }>,
  { watch }: State,
  quarantined: readonly string[],
): Move {
  const isOrdered = watch?.order !== undefined;
  return { from, target, decidedAt: watch?.decidedAt ?? 0, isOrdered, banned: quarantined };
}
