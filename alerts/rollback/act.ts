import type { Pace } from './facts.ts';
import type { ReleaseRecord } from './record.ts';
import type { Release } from './release.ts';

/**
 * One thing to do in the cluster. Each does no harm when it is done twice, or is already done. What changes the
 * gateway's Deployment tests the `resourceVersion` of the very reading that the act follows from: a guard that slept
 * in between, or is not the only one, then changes nothing.
 */
export type Act =
  /** Put the Deployment's template back to that of the revision `target`; only while it is that of `from`. */
  | { readonly kind: 'restore'; readonly from: string; readonly target: string; readonly pace: Pace }
  /** Give the Deployment the pace that it had; only while it has the pace `from`. */
  | { readonly kind: 'put-back'; readonly from: Pace; readonly pace: Pace }
  /** Give whoever applies the Deployment the fields that the withdrawn revision `of` did not have. */
  | { readonly kind: 'hand-over'; readonly of: string }
  /** Keep pods of a revision in the Service, beside the Deployment; one of another revision is replaced. */
  | { readonly kind: 'keep-baseline'; readonly of: string; readonly pods: number }
  | { readonly kind: 'drop-baseline' }
  /** Keep one pod of a withdrawn revision outside the Service. */
  | { readonly kind: 'keep-withdrawn'; readonly of: string; readonly until: number }
  | { readonly kind: 'drop-withdrawn' }
  /** Keep a release from being deployed again; `at` in milliseconds since 1970. */
  | {
      readonly kind: 'quarantine';
      readonly release: Release;
      readonly reason: string;
      readonly by: string;
      readonly at: number;
    }
  /** Write a record under its id; one with the same id is replaced. */
  | { readonly kind: 'record'; readonly record: ReleaseRecord }
  /**
   * Tell the receiver how it ended, until that has arrived, and the cluster in an Event. Told again only when the guard
   * died, or somebody else was faster, before it could note that it had.
   */
  | { readonly kind: 'tell'; readonly record: ReleaseRecord };
