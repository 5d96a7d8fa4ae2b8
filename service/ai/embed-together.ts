import { toMilliseconds, type AiSettings } from '../definition/index.ts';
import { createEmbeddingBatches } from './embedding-batches.ts';
import type { ModelInterface } from './model-handler.ts';

/** Largest answer to a batch that is read. */
const MAX_BYTES = 64 * 2 ** 20;

/** Has embeddings that are asked for at nearly the same time asked in one request. */
export function embedTogether({ window, size }: AiSettings['embeddings']): ModelInterface['together'] {
  const windowMs = toMilliseconds(window);
  if (windowMs === 0) return undefined;
  const batches = createEmbeddingBatches({ windowMs, size, maxBytes: MAX_BYTES });
  return ({ body }) =>
    (offer, fetch, signal) => {
      const { input, model: _, ...rest } = body as { readonly input: unknown; readonly model: string };
      const fields = { ...rest, model: offer.providerModel };
      // A user whom the provider is told of is nobody else's.
      const kind = JSON.stringify([offer.provider, offer.providerModel, Object.entries(rest).sort()]);
      return batches.ask({ kind, fields, inputs: inputsOf(input), signal }, fetch);
    };
}

/** What one request asks for, as a list: a text, texts, the tokens of one text, or of several. */
function inputsOf(input: unknown): readonly unknown[] {
  if (!Array.isArray(input)) return [input];
  return typeof input[0] === 'number' ? [input] : (input as readonly unknown[]);
}
