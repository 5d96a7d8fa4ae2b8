import { z } from 'zod';
import { amount, count, duration, interval, rate, ratio } from './fields.ts';

/** How a bad release is found and withdrawn, and how soon. */
export const releaseSchema = z.strictObject({
  /** The share of requests above which a release that fails them is bad. */
  errors: ratio.default('2%'),
  /** The latency that 95 % of a release's requests must keep; an edge of the histograms' buckets. */
  latency: interval.default('300ms'),
  /** How far the rules of a release look back; a rate needs two scrapes inside it. */
  window: interval,
  /** How long such a rule must hold without a gap before it fires; in effect rounded up to whole evaluations. */
  for: duration,
  /** How long Alertmanager waits for other alerts before it tells the first one of a release; `'0s'`: not at all. */
  groupWait: duration,
  /** The longest from Alertmanager's sending to the guard's decision. */
  delivery: duration,
  /** Requests to a release in the window below which no rule judges it: fewer and chance decides. */
  minimumSample: count,
  /** Synthetic requests to each new version, which fill the sample when few users come. Absent: none. */
  probes: rate.optional(),
  /** From the first bad request to the guard's decision, at most. */
  detectionDeadline: duration,
  /** From the first bad request until the last bad pod serves nobody, at most. */
  restoreDeadline: duration,
  /** Pods above the wanted number while the good release is restored. */
  restoreSurge: count,
  /** From the order of a pod, whose image lies on the node, until it is Ready. */
  timeToReady: interval,
  /** Pods of the previous version that are kept in the Service while a release is judged, to compare it with. */
  baseline: amount,
  /** Whether the guard runs, which withdraws a bad release; without it nothing judges one. */
  guard: z.boolean().default(false),
});
