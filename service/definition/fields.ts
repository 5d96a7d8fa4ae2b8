import { z } from 'zod';
import {
  toFraction,
  toMilliseconds,
  UNIT_PATTERNS,
  type Bytes,
  type Cpu,
  type Duration,
  type Rate,
  type Ratio,
} from './units.ts';

/** Text of a pattern; `right` says what would be right. */
export const text = <T extends string>(pattern: RegExp, right: string) =>
  z.custom<T>((value) => typeof value === 'string' && pattern.test(value), { error: right });

export const duration = text<Duration>(
  UNIT_PATTERNS.duration,
  "a duration with its unit, such as '250ms', '30s' or '5m'",
);
/** A duration that something is done every so often, or that is divided by: not zero. */
export const interval = z.custom<Duration>(
  (value) => duration.safeParse(value).success && toMilliseconds(value as Duration) > 0,
  { error: "a duration above zero with its unit, such as '5s' or '1m'" },
);
export const bytes = text<Bytes>(UNIT_PATTERNS.bytes, "an amount with a binary unit, such as '512Ki' or '256Mi'");
export const ratio = text<Ratio>(UNIT_PATTERNS.ratio, "a percentage, such as '65%'");
/** A share of something that has to have one: not zero, and not more than there is. */
export const part = z.custom<Ratio>((value) => ratio.safeParse(value).success && isPart(toFraction(value as Ratio)), {
  error: "a percentage from '1%' to '100%'",
});
export const rate = text<Rate>(UNIT_PATTERNS.rate, "a count per second, minute or hour, such as '100/min'");
export const cpu = text<Cpu>(UNIT_PATTERNS.cpu, "thousandths of a core, such as '500m'");
export const count = z.int({ error: 'a whole number of at least 1' }).min(1, { error: 'a whole number of at least 1' });
export const amount = z
  .int({ error: 'a whole number of at least 0' })
  .min(0, { error: 'a whole number of at least 0' });
export const port = z
  .int({ error: 'a port from 1024 to 65535' })
  .min(1024)
  .max(65_535, { error: 'a port from 1024 to 65535' });
export const cron = text<string>(/^(\S+ ){4}\S+$/, "a cron line of five fields, such as '0 10 1 * *'");
export const label = text<string>(
  /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
  'lower-case letters, digits and dashes, 40 at most',
);
export const origin = z.custom<string>(
  (value) => typeof value === 'string' && /^https?:\/\/[^/?#\s@]+$/.test(value) && URL.canParse(value),
  { error: "an origin without path or credentials, such as 'http://upstream:8081'" },
);
/** A time zone for programs that look for a file of that name: it must be written as the IANA database does. */
export const zoneFile = z.custom<string>((value) => typeof value === 'string' && isZoneFile(value), {
  error: "a time zone, such as 'Europe/Berlin' or 'UTC'",
});
export const jsonSchema = z.record(z.string(), z.unknown(), { error: 'a JSON Schema object' });
export const image = text<string>(
  /^[^\s@]+:[\w.-]{1,128}(@sha256:[0-9a-f]{64})?$/,
  "an image with its tag, such as 'redis:7-bookworm', and perhaps '@sha256:' and its digest",
);

/** One of some words. */
export const word = <const T extends readonly [string, ...string[]]>(...words: T) =>
  z.enum(words, { error: words.map((each) => `'${each}'`).join(' or ') });

function isPart(fraction: number): boolean {
  return fraction >= 0.01 && fraction <= 1;
}

function isZoneFile(name: string): boolean {
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
