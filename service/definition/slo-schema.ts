import { z } from 'zod';
import { interval, ratio, word } from './fields.ts';
import { toFraction, type Ratio } from './units.ts';

/** A share within bounds, both included. */
const share = (least: Ratio, most: Ratio, example: Ratio) =>
  z.custom<Ratio>(
    (value) =>
      ratio.safeParse(value).success &&
      toFraction(value as Ratio) >= toFraction(least) &&
      toFraction(value as Ratio) <= toFraction(most),
    { error: `a percentage from ${least} to ${most}, such as '${example}'` },
  );

/**
 * What users are promised. Budgets are what a promise leaves: none would make every error a breach, and of a large one
 * no time is too bad for the alerts on its pace, which ask for up to 14.4 times of it.
 */
export const sloSchema = z.strictObject({
  /** The latency that 99 % of requests must keep; an edge of the histograms' buckets, so that nothing is interpolated. */
  latency: interval,
  /** The share of requests that may fail. */
  errors: share('0.001%', '5%', '0.1%'),
  /** The share of look-ups in the cache that must hit. */
  cacheHits: share('1%', '99.9%', '80%').default('80%'),
  /** The share of the time in which some pod of the gateway must be there to be asked. */
  availability: share('95%', '99.999%', '99.9%').default('99.9%'),
  /** The time that budgets are for. */
  window: word('28d', '30d').default('30d'),
});
