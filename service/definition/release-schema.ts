import { z } from 'zod';
import { amount, count, duration, interval, rate, ratio, text } from './fields.ts';
import { guardSchema } from './guard-schema.ts';

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
  /** How long the guard watches a release, from its first Ready pod on; one that lasts so long is proven good. */
  watch: interval.default('5m'),
  /** How long the guard waits for what it lacks for a decision, before it leaves the release to people. */
  patience: duration.default('20s'),
  /** How long after one rollback the guard makes no other by itself. */
  cooldown: duration.default('15m'),
  /** How long one pod of a withdrawn release is kept, outside the Service, to find its fault. */
  withdrawnFor: duration.default('1h'),
  /**
   * What synthetic requests ask for, in turn: paths of routes that answer GET. `{n}` stands for a number that none of
   * them had before, so that the cache cannot answer: a fault behind it would be thinned out by hits, up to where no
   * rule sees it. That costs what users' misses cost: to the upstream `probes` requests a second for each of the two
   * versions, one for a withdrawn release, and in the caches, which are bounded, as many entries that nobody asks for
   * again. A path without `{n}` spares the upstream, and judges what the cache answers.
   */
  probePaths: z
    .array(text<string>(/^\/(?:\{n\}|[^\s#{}])*$/, "a path with its query, such as '/v1/search?q=valve-{n}'"))
    .min(1, { error: 'at least one path' })
    .default(['/v1/search?q=sluice-{n}']),
  guard: guardSchema,
});
