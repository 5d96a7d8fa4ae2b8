/** Requests per minute, and from which minute on a forecast is judged. */
export type Trace = {
  readonly name: string;
  readonly counts: Float64Array;
  readonly heldOutFrom: number;
};

/** Numbers from 0 to 1, the same for the same seed: mulberry32. */
export type RandomSource = () => number;

const DAY = 1440;

type Shape = {
  readonly name: string;
  readonly days: number;
  readonly heldOutDays: number;
  /** What is expected in a minute since Monday midnight; `wander` is a random walk of the logarithm. */
  readonly expected: (minute: number, trace: Incidents) => number;
  /** Spread of the slow noise, as a share. */
  readonly noise: number;
};

type Incidents = {
  readonly crowds: readonly Crowd[];
  readonly walk: Float64Array;
};

const daily = (minute: number): number =>
  0.25 + 0.75 * Math.max(0, Math.sin(((minute / DAY - 0.3) * 2 * Math.PI) / 1.15)) ** 1.3;
const dayOfWeek = (minute: number): number =>
  ([1, 1.05, 1.1, 1.05, 0.95, 0.5, 0.4] as const)[Math.floor(minute / DAY) % 7] ?? 1;

/** Comes within three minutes, and halves every so many minutes. */
type Crowd = { readonly at: number; readonly size: number; readonly halving: number };

const crowded = (minute: number, crowds: readonly Crowd[]): number =>
  crowds.reduce(
    (sum, { at, size, halving }) =>
      minute < at ? sum : sum + size * Math.min(1, (minute - at + 1) / 3) * 2 ** ((at - minute) / halving),
    0,
  );

const SHAPES: readonly Shape[] = [
  { name: 'daily curve', days: 10, heldOutDays: 3, noise: 0.06, expected: (minute) => 900 * daily(minute) },
  {
    name: 'weekly shape',
    days: 21,
    heldOutDays: 7,
    noise: 0.06,
    expected: (minute) => 600 * daily(minute) * dayOfWeek(minute),
  },
  {
    name: 'daily curve with jobs at the full hour',
    days: 10,
    heldOutDays: 3,
    noise: 0.05,
    expected: (minute) => 400 * daily(minute) + ([300, 120, 40][minute % 60] ?? 0) + (minute % 15 === 0 ? 80 : 0),
  },
  {
    name: 'daily curve with flash crowds',
    days: 10,
    heldOutDays: 3,
    noise: 0.06,
    expected: (minute, { crowds }) => 500 * (daily(minute) + crowded(minute, crowds)),
  },
  { name: 'ramp', days: 4, heldOutDays: 1, noise: 0.04, expected: (minute) => 100 + 0.2 * minute },
  { name: 'flat noise', days: 4, heldOutDays: 1, noise: 0.05, expected: () => 120 },
  {
    name: 'step',
    days: 4,
    heldOutDays: 1,
    noise: 0.05,
    expected: (minute) => (minute % DAY < 600 || minute < 3 * DAY ? 150 : 420),
  },
  { name: 'few requests', days: 4, heldOutDays: 1, noise: 0.1, expected: (minute) => 1.5 * daily(minute) },
  {
    name: 'random walk',
    days: 4,
    heldOutDays: 1,
    noise: 0,
    expected: (minute, { walk }) => 3000 * Math.exp(walk[minute] ?? 0),
  },
];

/** The shapes there are. */
export const TRACE_NAMES: readonly string[] = SHAPES.map(({ name }) => name);

/** A trace of a shape; the same for the same seed. */
export function makeTrace(of: string, seed: number): Trace {
  const index = SHAPES.findIndex(({ name }) => name === of);
  const shape = SHAPES[index];
  if (shape === undefined) throw new Error(`no trace ${of}; there are: ${TRACE_NAMES.join(', ')}`);
  const { name, days, heldOutDays, expected, noise } = shape;
  const random = mulberry32(seed * 1000 + index);
  const minutes = days * DAY;
  const walk = new Float64Array(minutes);
  for (let minute = 1; minute < minutes; minute++)
    walk[minute] = 0.999 * (walk[minute - 1] ?? 0) + 0.02 * gaussian(random);
  const crowds = Array.from({ length: days * 2 }, () => ({
    at: Math.floor(random() * minutes),
    size: 1 + 4 * random(),
    halving: 5 + 40 * random(),
  }));
  const counts = new Float64Array(minutes);
  let slow = 0;
  for (let minute = 0; minute < minutes; minute++) {
    slow = 0.9 * slow + Math.sqrt(1 - 0.81) * gaussian(random);
    const mean = expected(minute, { crowds, walk }) * Math.exp(noise * slow);
    counts[minute] = poisson(mean, random);
  }
  return { name, counts, heldOutFrom: (days - heldOutDays) * DAY };
}

function mulberry32(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function gaussian(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Knuth for few, the normal distribution for many. */
function poisson(mean: number, random: RandomSource): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gaussian(random)));
  const bound = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > bound; product *= random()) count += 1;
  return count;
}
