import { Problem } from '../gateway/problem.ts';
import { membersOf, type Member } from './members.ts';

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
  /** Where its fields stand in its bytes. */
  readonly members: readonly Member[];
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
 * given twice, something is nested too deeply, or a text has a NUL or is base64 that is none.
 */
export function readAsked(body: unknown, bytes: Buffer, { hasUsageOption = false } = {}): Asked {
  const fields = body as Readonly<Record<string, unknown>>;
  const members = membersOf(bytes);
  refuseTwice(members);
  // A field that the schema of this route does not know may hold anything.
  const bounds = BOUNDS.map((name) => fields[name]).filter(isCount);
  const answers = isCount(fields.n) ? fields.n : 1;
  const model = String(fields.model);
  if (!model.isWellFormed()) throw wrong('/model', 'has half of a letter');
  const options = fields.stream_options as Readonly<Record<string, unknown>> | null | undefined;
  return {
    model,
    stream: fields.stream === true,
    wantsUsage: options?.include_usage === true,
    usageOption: hasUsageOption ? (options ?? {}) : undefined,
    inputTokens: Math.ceil(weigh(body)),
    outputTokens: bounds.length > 0 ? Math.max(...bounds) * answers : undefined,
    members,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}

function refuseTwice(members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { name } of members) {
    if (seen.has(name) && READ_TWICE.has(name)) throw wrong(`/${name}`, 'is given twice');
    seen.add(name);
  }
}

/** Why a text is nobody's question; undefined: it may be one. Some providers end a text at a NUL, and answer the rest. */
function whyWrong(text: string): string | undefined {
  if (text.includes('\0')) return 'has a NUL character';
  const head = DATA_URL.exec(text)?.[0];
  return head === undefined || BASE64.test(text.slice(head.length)) ? undefined : 'is not base64';
}

const DATA_URL = /^data:[^,\s]{0,200};base64,/;

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Where a value stands: the names that lead to it. */
type Place = { readonly name: string; readonly parent: Place | undefined; readonly depth: number };

/**
 * Tokens of all text in a value: what is asked, what tools there are, which form the answer is to have; of numbers each
 * is one, since questions for embeddings may be of tokens. Throws where a text is wrong.
 */
function weigh(value: unknown, place?: Place): number {
  const depth = place?.depth ?? 0;
  if (depth > MAX_DEPTH) throw wrong('/', `is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'string') {
    const why = whyWrong(value);
    if (why !== undefined) throw wrong(pointerTo(place), why);
    return isAttachment(value) ? TOKENS_PER_ATTACHMENT : Buffer.byteLength(value) / BYTES_PER_TOKEN;
  }
  if (typeof value === 'number') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  let tokens = TOKENS_PER_ITEM;
  for (const [name, each] of Object.entries(value)) {
    if (!Array.isArray(value)) tokens += name.length / BYTES_PER_TOKEN;
    tokens += weigh(each, { name, parent: place, depth: depth + 1 });
  }
  return tokens;
}

function pointerTo(place: Place | undefined): string {
  return place ? `${place.parent ? pointerTo(place.parent) : ''}/${place.name}` : '/';
}

function wrong(field: string, message: string): Problem {
  return new Problem('invalid-body', { errors: [{ field, message }] });
}

/** What stands for bytes that are no text: a data URL, or base64 without its name. */
function isAttachment(text: string): boolean {
  return DATA_URL.test(text) || (text.length > 4_096 && BASE64.test(text));
}
