/** Fields of a line whose value is never written, wherever they stand in it up to three levels deep. */
export const REDACTED_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'apiKey',
  'password',
  'secret',
  'token',
  'connectionString',
  'body',
  'headers',
] as const;

const REDACTED = '[redacted]';
const LEVELS = ['', '*.', '*.*.'];

/** Paths and their replacement, for pino. */
export const REDACTION = {
  paths: LEVELS.flatMap((level) =>
    REDACTED_FIELDS.map((name) => (name.includes('-') ? bracketed(level, name) : level + name)),
  ),
  censor: REDACTED,
};

/**
 * Secrets inside texts, such as a driver's error that repeats what it was called with. Each is looked for in a line as
 * it is written, where the quotes of a text are escaped: a pattern that passes over none but those stays inside it.
 */
export const SECRET_TEXTS: readonly { readonly what: string; readonly pattern: RegExp; readonly instead: string }[] = [
  {
    what: 'the account of a URL',
    pattern: /([a-z][\w+.-]{1,30}:\/\/)(?:[^\s"\\/@]|\\.){0,512}(?:@[^\s"\\/@]{0,512})*@/gi,
    instead: `$1${REDACTED}@`,
  },
  {
    what: 'credentials of a header',
    pattern: /\b(bearer|basic|digest)(\s+|%20)[\w.~+/=%:-]+/gi,
    instead: `$1$2${REDACTED}`,
  },
  {
    what: 'a secret that is named',
    pattern:
      /((?:password|passwd|secret|token|api[_-]?key|authorization|cookie)(?:\\"|')?\s{0,8}[:=]\s{0,8}(?:\\"|')?)(?!\[redacted\])(?:[^\s"\\,;&]|\\[^nrt])+/gi,
    instead: `$1${REDACTED}`,
  },
  { what: "a key of the gateway's own", pattern: /\bslu_[\w-]{8,}/g, instead: REDACTED },
  { what: "a provider's key", pattern: /\bsk-[\w-]{8,}/g, instead: REDACTED },
];

/** A line without the secrets that its texts hold; still JSON where it was JSON. */
export function withoutSecrets(line: string): string {
  let clean = line;
  for (const { pattern, instead } of SECRET_TEXTS) clean = clean.replace(pattern, instead);
  return clean;
}

/** What is written of an error; anything else that hangs on one, such as the command that failed, is left out. */
export type DescribedError = {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
};

const MAX_MESSAGE = 1_000;
const MAX_STACK = 4_000;
const MAX_CAUSES = 4;

/** Describes what was thrown, with its causes. Drivers hang rows, statements and passwords on theirs. */
export function describeError(thrown: unknown, causes = MAX_CAUSES): DescribedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: shortened(String(thrown), MAX_MESSAGE) };
  const { name, message, stack, cause } = thrown;
  const { code } = thrown as { code?: unknown };
  return {
    type: name,
    message: shortened(message, MAX_MESSAGE),
    ...(typeof code === 'string' && { code: shortened(code, MAX_MESSAGE) }),
    ...(stack !== undefined && { stack: shortened(stack, MAX_STACK) }),
    ...(cause !== undefined && causes > 0 && { cause: describeError(cause, causes - 1) }),
  };
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function bracketed(level: string, name: string): string {
  return `${level.replace(/\.$/, '')}["${name}"]`;
}
