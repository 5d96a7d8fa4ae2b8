import { Problem } from '../gateway/problem.ts';
import type { Asked } from './asked.ts';
import type { Offer } from './offers.ts';

/** How many times the tokens of a question may be fewer than they were weighed. */
const GENEROUS = 3;

/** Why a question can never be answered: its size, or that of the answer that it asks for; undefined: it may be. */
export function whyTooLong({ model, settings }: Offer, { inputTokens, outputTokens = 0 }: Asked): Problem | undefined {
  const { context, answer = context } = settings;
  if (outputTokens > answer)
    return new Problem('context-too-long', {
      detail: `${outputTokens} tokens are asked for, and answers of ${model} have ${answer} at most.`,
    });
  // A question is weighed generously: only what is certainly too long is refused here, the rest by the provider.
  if (inputTokens / GENEROUS > context)
    return new Problem('context-too-long', {
      detail: `The question has about ${inputTokens} tokens, and ${model} takes ${context}.`,
    });
  return undefined;
}

/** The tokens to reserve: of the answer those that the client allows, else those that it is likely to have. */
export function expectedOf(
  { settings, limits: [, { count }] }: Offer,
  { inputTokens, outputTokens }: Asked,
  learned: number,
): { readonly input: number; readonly output: number } {
  const input = Math.min(inputTokens, settings.context);
  if (outputTokens !== undefined) return { input, output: outputTokens };
  const room = Math.min(settings.answer ?? settings.context, settings.context - input, count.value - input);
  return { input, output: Math.max(1, Math.min(learned, room)) };
}
