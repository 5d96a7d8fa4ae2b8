import type { Bytes, Duration, Ratio } from '../../service/definition/index.ts';

/**
 * What a fault proxy does to the connections that pass through it. The first group holds for any TCP; the second reads
 * HTTP/1.1 and answers, or slows, single requests.
 */
export type ProxyFault =
  /** Every chunk, in both directions together, arrives so much later, give or take `jitter`, in order. */
  | { readonly kind: 'latency'; readonly latency: Duration; readonly jitter?: Duration }
  /** No more than so many bytes a second pass, each connection and direction by itself. */
  | { readonly kind: 'bandwidth'; readonly perSecond: Bytes }
  /** Connections that are end by RST, and so does each new one as soon as it is made. */
  | { readonly kind: 'reset' }
  /** Nothing listens: new connections are refused, those that are end. */
  | { readonly kind: 'refuse' }
  /** Connections are taken, and nothing passes in either direction; when it is over they are reset. */
  | { readonly kind: 'black-hole' }
  /** The connections that are pass nothing for good, as when a network has forgotten them; new ones are well. */
  | { readonly kind: 'half-open' }
  /** Each answer is cut by RST after so many bytes of it. */
  | { readonly kind: 'cut'; readonly after: number }
  /** A share of the requests (default all) is answered by the proxy with this status, and never reaches the target. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly share?: Ratio;
      /** Seconds of a Retry-After. */
      readonly retryAfter?: number;
    }
  /** The head of each answer passes at once, its body at so many bytes a second. */
  | { readonly kind: 'slow-body'; readonly perSecond: Bytes };

/** The names of all faults of a proxy. */
export const PROXY_FAULTS = [
  'latency',
  'bandwidth',
  'reset',
  'refuse',
  'black-hole',
  'half-open',
  'cut',
  'status',
  'slow-body',
] as const satisfies readonly ProxyFault['kind'][];
