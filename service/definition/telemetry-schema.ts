import { z } from 'zod';
import { amount, bytes, duration, origin, rate, ratio } from './fields.ts';
import { secretReference } from './secret-reference.ts';
import { toFraction, toPerSecond, type Rate, type Ratio } from './units.ts';

const share = z.custom<Ratio>((value) => ratio.safeParse(value).success && toFraction(value as Ratio) <= 1, {
  error: "a percentage of at most 100%, such as '1%'",
});

/** What is counted anew each second cannot be less than one in it. */
const wholePerSecond = z.custom<Rate>(
  (value) => rate.safeParse(value).success && Number.isInteger(toPerSecond(value as Rate)),
  { error: "a whole count per second, such as '10/s'" },
);

/** What is written down of requests, and where it goes. All of it has defaults. */
export const telemetrySchema = z
  .strictObject({
    logs: z
      .strictObject({
        /** Lines of requests that a worker writes in one second; beyond it only failures get one, the rest is counted. */
        linesPerSecond: amount.default(50),
        /** What of the log may wait in one process for a slow reader; beyond it lines are dropped, and counted. */
        buffer: bytes.default('1Mi'),
      })
      .prefault({}),
    traces: z
      .strictObject({
        /** Share of requests whose trace is kept whatever becomes of them. */
        sample: share.default('1%'),
        /** Time until an answer's first byte from which on a trace is kept for being slow. */
        slow: duration.default('1s'),
        /** Traces that a worker keeps because callers ask for it (`traceparent`); beyond it they are as all others. */
        asked: wholePerSecond.default('10/s'),
        /** Traces that a worker keeps at all, so that an outage does not become a flood of spans. */
        kept: wholePerSecond.default('200/s'),
        /** Where the cluster's collector takes OTLP over HTTP; absent: no traces are recorded there. */
        collector: origin.optional(),
        /** The headers that it asks for, such as `authorization=Bearer%20...`, as OTEL_EXPORTER_OTLP_HEADERS holds them. */
        headers: secretReference.optional(),
      })
      .prefault({}),
  })
  .prefault({});
