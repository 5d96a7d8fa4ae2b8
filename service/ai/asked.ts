import { Problem } from '../gateway/problem.ts';
import { membersOf } from './members.ts';

/** What the gateway needs to know of a question; everything else goes to the provider as it came. */
export type Asked = {
  /** The name that the client gave. */
  readonly model: string;
  readonly stream: boolean;
  /** Whether the client asked for the usage at the end of a stream. */
  readonly wantsUsage: boolean;
  /** The options of a stream, where the interface has such; undefined where usage is told without being asked for. */
  readonly usageOption: Readonly<Record<string, unknown>> | undefined;
  /** Tokens of the question, by its length: somewhat more than they likely are. */
  readonly inputTokens: number;
  /** Tokens of all its answers together that the client allows; undefined where it names no bound. */
  readonly outputTokens: number | undefined;
};

/** Bytes of text that make a token, at the least that is usual; of English there are four. */
const BYTES_PER_TOKEN = 3;
/** What a picture, a sound or a file costs about, whatever its size: 765 tokens for one of 1024 × 1024 in detail. */
const TOKENS_PER_ATTACHMENT = 1_000;
/** What a message or tool costs beside its text. */
const TOKENS_PER_ITEM = 4;
/** Nested deeper, a body is nobody's question; whoever walks through it must not run out of stack. */
const MAX_DEPTH = 64;
/** The fields by which clients bound an answer; providers go by one of them or another, so the largest counts. */
const BOUNDS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'] as const;
/** A member that two readers could take for different things is refused. */
const READ_TWICE: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'n',
  'messages',
  'input',
  ...BOUNDS,
]);

/**
 * Reads a question that fits its route's schema; `hasUsageOption`: its interface tells the usage of a stream only when
 * `stream_options` ask for it. Throws the Problem `invalid-body` where a field that is read here is
 * given twice, or something is nested too deeply.
 */
export function readAsked(body: unknown, bytes: Buffer, { hasUsageOption = false } = {}): Asked {
  const fields = body as Readonly<Record<string, unknown>>;
  refuseTwice(bytes);
  const bounds = BOUNDS.map((name) => fields[name]).filter((each) => typeof each === 'number');
  const answers = typeof fields.n === 'number' ? fields.n : 1;
  const options = fields.stream_options as Readonly<Record<string, unknown>> | null | undefined;
  return {
    model: String(fields.model),
    stream: fields.stream === true,
    wantsUsage: options?.include_usage === true,
    usageOption: hasUsageOption ? (options ?? {}) : undefined,
    inputTokens: Math.ceil(weigh(body, 0)),
    outputTokens: bounds.length > 0 ? Math.max(...bounds) * answers : undefined,
  };
}

function refuseTwice(bytes: Buffer): void {
  const seen = new Set<string>();
  for (const { name } of membersOf(bytes)) {
    if (seen.has(name) && READ_TWICE.has(name))
      throw new Problem('invalid-body', { errors: [{ field: `/${name}`, message: 'is given twice' }] });
    seen.add(name);
  }
}

/** Tokens of all text in a value: what is asked, what tools there are, which form the answer is to have. */
function weigh(value: unknown, depth: number): number {
  if (depth > MAX_DEPTH)
    throw new Problem('invalid-body', {
      errors: [{ field: '/', message: `is nested deeper than ${MAX_DEPTH} levels` }],
    });
  if (typeof value === 'string')
    return isAttachment(value) ? TOKENS_PER_ATTACHMENT : Buffer.byteLength(value) / BYTES_PER_TOKEN;
  if (typeof value !== 'object' || value === null) return 0;
  let tokens = TOKENS_PER_ITEM;
  for (const each of Object.values(value)) tokens += weigh(each, depth + 1);
  return tokens;
}

/** What stands for bytes that are no text: a data URL, or base64 without its name. */
function isAttachment(text: string): boolean {
  return text.startsWith('data:') || (text.length > 4_096 && !/[\s"'.,;]/.test(text.slice(0, 4_096)));
}
