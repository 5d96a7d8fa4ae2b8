import { listedModels, MAX_MODELS } from './ai-schema.ts';
import type { Finding } from './findings.ts';
import type { ServiceValues } from './schema.ts';
import { parseRate, toMilliseconds } from './units.ts';

/** Findings about models, their providers and what callers may use of them. */
export function aiFindings(service: ServiceValues): Finding[] {
  return [tooMany, namesAreKnown, tiersAreKnown, answersFit, queueEnds, windowIsShort].flatMap((rule) => rule(service));
}

function tooMany({ ai }: ServiceValues): Finding[] {
  const { length } = listedModels(ai);
  if (length <= MAX_MODELS) return [];
  return [{ path: 'ai.providers', value: length, right: `at most ${MAX_MODELS} models: each has series of its own` }];
}

/** Aliases lead to a model that somebody answers, in one step; steps name providers that have the model. */
function namesAreKnown({ ai }: ServiceValues): Finding[] {
  const { providers, aliases, steps } = ai;
  const listed = listedModels(ai);
  const isOpen = Object.values(providers).some(({ unlisted }) => unlisted !== undefined);
  const isAnswered = (model: string): boolean => listed.includes(model) || isOpen;
  const answers = (id: string, model: string): boolean =>
    providers[id] !== undefined && (model in providers[id].models || providers[id].unlisted !== undefined);
  const right = `a model that a provider answers: ${listed.join(', ')}`;
  return [
    ...Object.entries(aliases).flatMap(([alias, model]): Finding[] => {
      const path = `ai.aliases.${alias}`;
      if (listed.includes(alias)) return [{ path, value: alias, right: 'another name than that of a model' }];
      return isAnswered(model) && !(model in aliases) ? [] : [{ path, value: model, right }];
    }),
    ...Object.entries(steps).flatMap(([model, each]) =>
      each
        .flatMap((step) => (typeof step === 'string' ? [step] : Object.keys(step)))
        .filter((id) => !answers(id, model))
        .map((id) => ({ path: `ai.steps.${model}`, value: id, right: `providers that answer for ${model}` })),
    ),
  ];
}

function tiersAreKnown({ ai, limits }: ServiceValues): Finding[] {
  return (['tokens', 'budgets'] as const).flatMap((what) =>
    Object.keys(ai[what].tiers)
      .filter((tier) => !Object.hasOwn(limits.tiers, tier))
      .map((tier) => ({
        path: `ai.${what}.tiers.${tier}`,
        value: tier,
        right: `a tier of limits.tiers: ${Object.keys(limits.tiers).join(', ')}`,
      })),
  );
}

/** One request of the largest size passes every limit of its model, once nothing else is asked. */
function answersFit({ ai }: ServiceValues): Finding[] {
  return Object.entries(ai.providers).flatMap(([id, { models, unlisted }]) =>
    [...Object.entries(models), ...(unlisted ? [['unlisted', unlisted] as const] : [])].flatMap(
      ([model, { context, answer, tokens }]): Finding[] => {
        const path = `ai.providers.${id}.${model === 'unlisted' ? model : `models.${model}`}`;
        const { limit } = parseRate(tokens);
        const findings: Finding[] = [];
        if (answer !== undefined && answer > context)
          findings.push({ path: `${path}.answer`, value: answer, right: `at most its context, ${context}` });
        if (answer !== undefined && answer > limit)
          findings.push({ path: `${path}.answer`, value: answer, right: `at most what tokens admits, ${limit}` });
        return findings;
      },
    ),
  );
}

function queueEnds({ ai }: ServiceValues): Finding[] {
  if (toMilliseconds(ai.queue.maxWait) <= 60_000) return [];
  return [
    { path: 'ai.queue.maxWait', value: ai.queue.maxWait, right: 'at most 60s: nobody waits longer for an answer' },
  ];
}

function windowIsShort({ ai }: ServiceValues): Finding[] {
  const { window } = ai.embeddings;
  if (toMilliseconds(window) <= 500) return [];
  return [{ path: 'ai.embeddings.window', value: window, right: 'at most 500ms: every request waits for so long' }];
}
