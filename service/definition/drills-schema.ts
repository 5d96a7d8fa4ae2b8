import { z } from 'zod';
import { cron, interval, label, part, zoneFile } from './fields.ts';
import { toMilliseconds } from './units.ts';

/** How late Kubernetes starts a Job whose time it missed, at most. */
const LATEST_START_MS = 600_000;

/** Drills: faults that are put into an environment on purpose, to see whether what protects it does. */
export const drillsSchema = z.strictObject({
  /** Whether this environment is drilled: it then runs what injects faults and takes them back. */
  enabled: z.boolean(),
  /** When the monthly drill starts: minute, hour, day of month, month, day of week. */
  schedule: cron,
  /** By whose clocks that is. */
  timeZone: zoneFile.default('Etc/UTC'),
  /** How long after its time a drill may still begin; later it waits for the next month. */
  window: interval
    .refine((value) => toMilliseconds(value) >= LATEST_START_MS, { error: "at least '10m': so late its Job may start" })
    .default('2h'),
  /** The longest that a drill may take, over all of its experiments; then it is ended, and its fault taken back. */
  deadline: interval.default('8h'),
  /** Which experiments it runs: `all` that fit the environment, or these, by their ids. */
  experiments: z
    .union([z.literal('all'), z.array(label).min(1)], {
      error: "'all', or the ids of experiments, such as ['upstream-slow']",
    })
    .default('all'),
  /** The error budget that must be left for a drill to begin: it uses some. */
  budgetLeft: part.default('50%'),
});
