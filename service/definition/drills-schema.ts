import { z } from 'zod';
import { cron, interval, label, ratio, zoneFile } from './fields.ts';

/** Drills: faults that are put into an environment on purpose, to see whether what protects it does. */
export const drillsSchema = z.strictObject({
  /** Whether this environment is drilled: it then runs what injects faults and takes them back. */
  enabled: z.boolean(),
  /** When the monthly drill starts: minute, hour, day of month, month, day of week. */
  schedule: cron,
  /** By whose clocks that is. */
  timeZone: zoneFile.default('Etc/UTC'),
  /** How long after its time a drill may still begin; later it waits for the next month. */
  window: interval.default('2h'),
  /** The longest that a drill may take, over all of its experiments; then it is ended, and its fault taken back. */
  deadline: interval.default('8h'),
  /** Which experiments it runs: `all` that fit the environment, or these, by their ids. */
  experiments: z
    .union([z.literal('all'), z.array(label).min(1)], {
      error: "'all', or the ids of experiments, such as ['upstream-slow']",
    })
    .default('all'),
  /** The error budget that must be left for a drill to begin: it uses some. */
  budgetLeft: ratio.default('50%'),
});
