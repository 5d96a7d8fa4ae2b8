import type { EnvironmentName } from './schema.ts';

/** One wrong value of a definition. */
export type Finding = {
  /** The environment, unless the value is wrong in all of them. */
  readonly environment?: EnvironmentName;
  /** Where: field names joined by dots. */
  readonly path: string;
  /** What stands there; undefined when nothing does. */
  readonly value: unknown;
  /** What would be right, in words. */
  readonly right: string;
};

/** Every wrong value of a definition at once; the message has a line for each. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = findings.map((finding) => `  ${formatFinding(finding)}`);
    super(`The definition has ${findings.length} wrong value${findings.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.findings = findings;
  }
}

/** A close name for a mistyped one, as a question; undefined when none is close. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const best = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(1, Math.floor(name.length / 3))
    ? `did you mean '${best.candidate}'?`
    : undefined;
}

// Fields that name a Secret, or have fields that do. Text in one of them is what the Secret should have kept.
const SECRET_FIELD = /^(password|routingKey|token|urlFrom|headers|slack|pagerduty|webhook|email)$/;

// Where people write the URL of a webhook instead of a receiver.
const RECEIVER = /^monitoring\.receivers(\.[^.]+)?$/;

/** What stands in a field, as far as logs may hold it. */
export function withoutSecret(path: readonly string[], value: unknown): unknown {
  if (SECRET_FIELD.test(path.at(-1) ?? '') || RECEIVER.test(path.join('.'))) return withoutText(value);
  if (typeof value === 'string') return value.replace(/\/\/[^/@\s]+@/g, '//...@');
  return mapped(value, (key, inner) => withoutSecret([...path, key], inner));
}

/** The same of a field that nobody knows: inside what has a secret it is most likely that one, by another name. */
export function unknownWithoutSecret(path: readonly string[], value: unknown): unknown {
  const isInside = path.some((name) => SECRET_FIELD.test(name)) || path.join('.').startsWith('monitoring.receivers.');
  return isInside ? withoutText(value) : withoutSecret(path, value);
}

/** Its shape; a password may also be a number. */
function withoutText(value: unknown): unknown {
  return ['string', 'number'].includes(typeof value) ? '...' : mapped(value, (_, inner) => withoutText(inner));
}

function mapped(value: unknown, change: (key: string, inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner, index) => change(`${index}`, inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(key, inner)]));
}

function formatFinding({ environment, path, value, right }: Finding): string {
  const place = environment ? `${path} (${environment})` : path;
  return `${place}: ${value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`}, must be ${right}`;
}

/** Levenshtein distance, one row at a time (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
