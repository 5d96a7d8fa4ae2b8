/** What a provider says that a question and its answer took; undefined where it says nothing that can be. */
export type Usage = {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  /** Of the question, what the provider had in its cache. */
  readonly cached?: number | undefined;
};

/** More tokens than any model takes or gives: a provider that says so is wrong, and would spoil every sum. */
const MOST_TOKENS = 10_000_000;
/** Of a longer answer only the end is looked through, where providers tell the usage. */
const MAX_BYTES = 262_144;

/** A member `usage` with a value; within a text of JSON its quotes would be escaped, so no answer can talk of one. */
const MEMBER = /"usage"\s*:\s*\{/;

/** Where the usage of a long answer is looked for, and how it stands there. */
const END = 4_096;
const LAST_MEMBER = /(?<!\\)"usage"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*\}/;

/** The usage in a JSON answer, by the names of OpenAI's interfaces; undefined where there is none, or no JSON. */
export function findUsage(answer: Buffer | string): Usage | undefined {
  const isLong = answer.length > MAX_BYTES;
  const text = (isLong ? endOf(answer) : answer).toString('latin1');
  if (!MEMBER.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(isLong ? `{${LAST_MEMBER.exec(text)?.[0] ?? ''}}` : text);
  } catch {
    // Whoever reads the answer meets the same; what is told of it is not worth a failure.
    return undefined;
  }
  const { usage, response } = asRecord(value);
  const counts = asRecord(usage ?? asRecord(response).usage);
  const input = tokens(counts.prompt_tokens ?? counts.input_tokens);
  const output = tokens(counts.completion_tokens ?? counts.output_tokens);
  if (input === undefined && output === undefined) return undefined;
  const details = asRecord(counts.prompt_tokens_details ?? counts.input_tokens_details);
  const cached = tokens(details.cached_tokens ?? counts.prompt_cache_hit_tokens);
  return cached === undefined ? { input, output } : { input, output, cached };
}

function endOf(answer: Buffer | string): Buffer | string {
  return typeof answer === 'string' ? answer.slice(-END) : answer.subarray(-END);
}

function tokens(value: unknown): number | undefined {
  const isCount = Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS;
  return isCount ? Number(value) : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
