import { InvalidArgumentError, Option } from 'commander';
import { toMilliseconds, type Duration } from '../../../service/definition/index.ts';

/** The longest freeze: one that nobody remembers is worse than none. */
const LONGEST_DAYS = 30;
const DAY_MS = 86_400_000;

/** `--reason`, which whoever comes after reads. */
export function reasonOption(): Option {
  return new Option('--reason <text>', 'why, for whoever comes after').argParser(parseReason);
}

/** Until when a freeze lasts that is given as a length, in milliseconds since 1970. */
export function parseLength(value: string): number {
  const length = /^\d+(\.\d+)?(s|m|h|d)$/.test(value) ? toMilliseconds(value as Duration) : 0;
  if (length > 0 && length <= LONGEST_DAYS * DAY_MS) return Date.now() + length;
  throw new InvalidArgumentError(`It must be a duration with its unit, such as 2h, of at most ${LONGEST_DAYS}d.`);
}

/** Until when a freeze lasts that is given as a time, in milliseconds since 1970. */
export function parseEnd(value: string): number {
  const end = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
  const length = end - Date.now();
  if (length > 0 && length <= LONGEST_DAYS * DAY_MS) return end;
  throw new InvalidArgumentError(
    `It must be a time to come with its zone, such as ${new Date(Date.now() + DAY_MS).toISOString().slice(0, 16)}Z, ` +
      `within ${LONGEST_DAYS} days.`,
  );
}

/** The start of a template's hash or the whole, as `sluice release status` shows it. */
export function parseHash(value: string): string {
  if (/^[a-z0-9]{1,63}$/.test(value)) return value;
  throw new InvalidArgumentError("It must be a pod-template-hash, as 'sluice release status' shows it.");
}

/** The id of a release, as ConfigMaps have it for a key. */
export function parseReleaseId(value: string): string {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(value)) return value;
  throw new InvalidArgumentError("It must be the id of a release, as 'sluice release status' shows it.");
}

function parseReason(value: string): string {
  if (/^[^\p{Cc}\p{Cs}]{1,300}$/u.test(value) && value.trim() === value) return value;
  throw new InvalidArgumentError('It must have 1 to 300 characters, no control characters, no blanks at its ends.');
}
