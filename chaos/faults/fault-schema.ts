import { z } from 'zod';
import { bytes, duration, ratio } from '../../service/definition/fields.ts';
import {
  toBytes,
  toFraction,
  toMilliseconds,
  type Bytes,
  type Duration,
  type Ratio,
} from '../../service/definition/index.ts';
import { PROXY_FAULTS, type ProxyFault } from './fault.ts';

// Timers hold no more than 24 days, and nobody waits for an answer that long.
const LONGEST = toMilliseconds('1h');

const delay = z.custom<Duration>(
  (value) => duration.safeParse(value).success && toMilliseconds(value as Duration) <= LONGEST,
  { error: "a duration of at most an hour, such as '250ms' or '2s'" },
);
const speed = z.custom<Bytes>((value) => bytes.safeParse(value).success && toBytes(value as Bytes) >= 1, {
  error: "at least a byte, with a binary unit, such as '16Ki'",
});
const share = z.custom<Ratio>((value) => ratio.safeParse(value).success && toFraction(value as Ratio) <= 1, {
  error: "a share of at most '100%'",
});
const whole = (from: number, to: number) => {
  const error = `a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};

/** A fault that comes from outside; unknown fields are refused. */
export const faultSchema: z.ZodType<ProxyFault> = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('latency'), latency: delay, jitter: delay.exactOptional() }),
    z.strictObject({ kind: z.literal('bandwidth'), perSecond: speed }),
    z.strictObject({ kind: z.literal('reset') }),
    z.strictObject({ kind: z.literal('refuse') }),
    z.strictObject({ kind: z.literal('black-hole') }),
    z.strictObject({ kind: z.literal('half-open') }),
    z.strictObject({ kind: z.literal('cut'), after: whole(0, 2 ** 31) }),
    z.strictObject({
      kind: z.literal('status'),
      status: whole(200, 599),
      share: share.exactOptional(),
      retryAfter: whole(0, 86_400).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('slow-body'), perSecond: speed }),
  ],
  { error: `a fault with one of the known kinds: ${PROXY_FAULTS.join(', ')}` },
);
