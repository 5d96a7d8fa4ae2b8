import { expect, test } from '@jest/globals';
import { build, drive, type Drive, type Guard } from './drive.ts';
import { randomFrom } from './random.ts';
import { FAILS, GOOD, SLOW } from './traffic.ts';

const PACE = { surge: 1, minReadySeconds: 20 };
const COOLDOWN = 240_000;
const SEEDS = 80;

type Chance = { readonly share: number; readonly happens: (one: Drive, random: () => number) => void };

/** What people, scalers and dependencies do, each with its share of seconds. */
const CHANCES: readonly Chance[] = [
  { share: 0.012, happens: deploy },
  { share: 0.002, happens: (one) => one.world.undo() },
  { share: 0.004, happens: (one, random) => one.world.scale(1 + Math.floor(random() * 6)) },
  { share: 0.004, happens: (one, random) => void (one.traffic.rate = pick([1, 60, 200], random)) },
  { share: 0.004, happens: (one, random) => void (one.traffic.answers = random() < 0.7) },
  { share: 0.004, happens: dependency },
  { share: 0.01, happens: (one, random) => void one.traffic.send('firing', known(one, random), one.world.now) },
  {
    share: 0.002,
    happens: (one, random) => void one.world.quarantined.set(`${known(one, random)}-c0ffee`, 'a person'),
  },
  { share: 0.002, happens: (one) => one.world.quarantined.clear() },
  { share: 0.001, happens: (one, random) => void one.world.lostConfigurations.add(known(one, random)) },
  { share: 0.001, happens: (one, random) => void (one.world.quota = pick([6, 9, Infinity], random)) },
  { share: 0.002, happens: (one) => void (one.world.baseline &&= undefined) },
  { share: 0.003, happens: (one, random) => void one.world.troubles.set(known(one, random), 'ImagePullBackOff') },
  { share: 0.003, happens: (one) => one.world.troubles.clear() },
  { share: 0.003, happens: (one) => one.order(one.world.deployment.template.hash) },
];

/** Twenty minutes of anything, by guards that are killed anywhere and are two at once now and then; then an hour of peace. */
function live(seed: number): Drive {
  const random = randomFrom(seed);
  const one = drive({ policy: { cooldown: COOLDOWN, watch: 90_000 } });
  let guards: Guard[] = [one.guard()];
  one.run(110);
  for (let second = 0; second < 1200; second++) {
    for (const { share, happens } of CHANCES) if (random() < share) happens(one, random);
    one.tick();
    if (random() < 0.03) guards = random() < 0.5 ? [one.guard()] : [...guards.slice(0, 1), one.guard()];
    for (let step = 0; step < 10; step++) guards[Math.floor(random() * guards.length)]?.next();
  }
  one.world.quota = Infinity;
  one.world.troubles.clear();
  one.traffic.answers = true;
  one.restart();
  one.run(1200);
  return one;
}

function deploy(one: Drive, random: () => number): void {
  const isNew = random() < 0.8;
  const hash = isNew ? `r${one.world.orders.length}` : known(one, random);
  const build_ = one.world.replicaSets.get(hash)?.build ?? build(hash, '1.0.0', { neverReady: random() < 0.08 });
  if (isNew) one.traffic.manners.set(hash, pick([GOOD, FAILS, SLOW], random));
  one.world.deploy(build_, random() < 0.7 ? PACE : undefined);
}

/** Something that every version needs is bad, or well again. */
function dependency(one: Drive, random: () => number): void {
  const isBad = random() < 0.5;
  for (const hash of one.world.replicaSets.keys()) one.traffic.manners.set(hash, isBad ? FAILS : GOOD);
}

function known(one: Drive, random: () => number): string {
  return pick([...one.world.replicaSets.keys()], random);
}

function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

const lives = Array.from({ length: SEEDS }, (_, seed) => ({ seed, one: live(seed) }));

/** Whatever breaks a property, with the seed that shows it. */
function broken(find: (one: Drive) => unknown): readonly unknown[] {
  return lives.flatMap(({ seed, one }) => {
    const found = find(one);
    return found === undefined ? [] : [{ seed, found }];
  });
}

test('the lives are eventful enough to show something', () => {
  const moves = lives.flatMap(({ one }) => one.moves);
  const outcomes = new Set(lives.flatMap(({ one }) => [...one.world.records.values()].map(({ outcome }) => outcome)));

  expect(moves.filter(({ isOrdered }) => isOrdered).length).toBeGreaterThan(10);
  expect(moves.filter(({ isOrdered }) => !isOrdered).length).toBeGreaterThan(25);
  expect([...outcomes].sort()).toEqual(['failed', 'inconclusive', 'proven', 'refused', 'restored', 'superseded']);
});

test('nobody is ever brought back to a release that was withdrawn or quarantined', () => {
  expect(
    broken(({ moves }) =>
      moves.find(
        ({ target, banned }, index) =>
          banned.includes(`${target}-c0ffee`) || moves.slice(0, index).some(({ from }) => from === target),
      ),
    ),
  ).toEqual([]);
});

test('no release is gone back from twice without an order', () => {
  expect(
    broken(({ moves }) =>
      moves.find(
        (move, index) =>
          !move.isOrdered &&
          moves.slice(0, index).some(({ from, decidedAt }) => from === move.from && decidedAt !== move.decidedAt),
      ),
    ),
  ).toEqual([]);
});

test('no decision moves the Deployment twice', () => {
  expect(
    broken(({ moves }) =>
      moves.find((move, index) => moves.slice(0, index).some(({ decidedAt }) => decidedAt === move.decidedAt)),
    ),
  ).toEqual([]);
});

test('the guard does not go back within the cooldown without an order', () => {
  expect(
    broken(({ moves }) =>
      moves.find(
        ({ isOrdered, decidedAt }, index) =>
          !isOrdered && decidedAt - (moves[index - 1]?.decidedAt ?? Number.NEGATIVE_INFINITY) < COOLDOWN,
      ),
    ),
  ).toEqual([]);
});

test('the pace is put back in the end', () => {
  expect(
    broken(({ world }) => {
      const { pace } = world.deployment;
      return pace.surge === PACE.surge && pace.minReadySeconds === PACE.minReadySeconds ? undefined : pace;
    }),
  ).toEqual([]);
});

test('what a restored release has more is handed over, unless the withdrawn one was brought back by another', () => {
  expect(
    broken(({ moves, world }) =>
      moves.find(
        ({ from, decidedAt }) =>
          !world.handedOver.has(from) &&
          !world.orders.some(({ hash, by, at }) => hash === from && by !== 'sluice-guard' && at > decidedAt),
      ),
    ),
  ).toEqual([]);
});

test('no pod of an earlier release is left outside a watch, and nothing is owed', () => {
  expect(broken(({ world, store }) => world.baseline ?? store.state.owed[0])).toEqual([]);
});
