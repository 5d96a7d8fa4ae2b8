import { createHash } from 'node:crypto';
import { asRecord, invalid, requireModel, tokenize } from './completion.ts';

/** The answer to `POST /v1/embeddings`, and the tokens that it took. */
export type Embedded = { readonly answer: object; readonly tokens: number };

const DIMENSIONS = 64;
const MAX_DIMENSIONS = 4_096;
const MAX_INPUTS = 2_048;

/**
 * Embeds texts: each word points in a direction of its own, so that texts with words in common are close; the same text
 * always gets the same numbers. Throws an UpstreamError that names the field that is wrong.
 */
export function embed(body: unknown): Embedded {
  const fields = asRecord(body);
  const model = requireModel(fields);
  const { input, encoding_format, dimensions = DIMENSIONS } = fields;
  const texts = textsOf(input);
  const count = Number(dimensions);
  if (!Number.isInteger(count) || count < 1 || count > MAX_DIMENSIONS)
    throw invalid(`dimensions must be a whole number from 1 to ${MAX_DIMENSIONS}.`, 'dimensions');
  const tokens = texts.reduce((sum, text) => sum + tokenize(text).length, 0);
  const data = texts.map((text, index) => {
    const numbers = vectorOf(text, count);
    const embedding = encoding_format === 'base64' ? Buffer.from(numbers.buffer).toString('base64') : [...numbers];
    return { object: 'embedding', index, embedding };
  });
  return { answer: { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } }, tokens };
}

function textsOf(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0 || input.length > MAX_INPUTS)
    throw invalid(`input must be a text or a list of 1 to ${MAX_INPUTS} texts.`, 'input');
  // Tokens instead of texts: one list is one text, a list of lists several.
  if (typeof input[0] === 'number') return [input.join(' ')];
  return input.map((each) => (Array.isArray(each) ? each.join(' ') : String(each)));
}

/** Of length 1. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? ['']) {
    const hash = createHash('sha256').update(word).digest();
    const place = hash.readUInt32LE(0) % dimensions;
    vector[place] = (vector[place] ?? 0) + (hash.readUInt8(4) < 128 ? 1 : -1);
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((each) => each / length);
}
