import { timingSafeEqual } from 'node:crypto';
import type { Caller } from './exchange.ts';

/** Whoever shows the key of probes: held by no limit, and nobody's account. */
export const PROBE: Caller = Object.freeze({ id: 'probe', kind: 'probe' });

/** Shorter ones could be guessed; what names them is told at the start, never the key. */
export const PROBE_KEY = /^[\x21-\x7e]{32,}$/;

/**
 * Tells the key of probes from every other credential. Of what is as long as the key, the time tells nothing; its
 * length is no secret, and whatever has another one is compared with nothing.
 */
export function createProbeCheck(key: string): (shown: string) => boolean {
  const expected = Buffer.from(key, 'latin1');
  return (shown) => shown.length === expected.length && timingSafeEqual(Buffer.from(shown, 'latin1'), expected);
}
