import { Problem } from '../gateway/problem.ts';
import type { Refused } from './admission.ts';

/** A limit that kept a request from a model. */
export type ModelRefusal = Refused & { readonly model: string };

/** The limit that has room first. */
export function sooner(one: ModelRefusal | undefined, other: ModelRefusal): ModelRefusal {
  return one && one.waitMs <= other.waitMs ? one : other;
}

const REASONS: Readonly<Record<Refused['by'], string>> = {
  requests: 'As many requests as the provider admits of this model are under way',
  tokens: 'As many tokens as the provider admits of this model are in use',
  'caller-tokens': 'You have used as many tokens as you may',
  budget: 'The budget of this month is spent',
  queue: 'Too many requests wait for this model',
};

/** The Problem of a model that nobody can be asked for now. */
export function noneAnswers(): Problem {
  return new Problem('upstream-unavailable', { detail: 'No provider of this model can be asked now.' });
}

/** The Problem of a request that no provider of its model was asked for; undefined: no limit was the reason. */
export function refusal(refused: Refused | undefined): Problem {
  if (!refused) return noneAnswers();
  const { by, limit, waitMs, headers } = refused;
  const milliseconds = Math.ceil(waitMs);
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const again = ['retry-after', String(seconds), 'retry-after-ms', String(milliseconds), ...headers];
  const detail = `${REASONS[by]} ('${limit}').`;
  return by === 'budget'
    ? new Problem('budget-exceeded', { detail, headers })
    : new Problem('limit-exceeded', { detail: `${detail} Try again in ${seconds} s.`, headers: again });
}
