import { METRICS } from '../catalogue.ts';
import { divide, quantile, series, sum } from '../expression/index.ts';
import { rateBy, type Panel } from './panel.ts';

/** Panels of answers of models: how fast they come, what they use and cost, and what the provider still admits. */
export const AI_PANELS = [
  {
    id: 'ai-duration',
    title: 'Answers of models',
    description: 'The 95th percentile of the time from asking a model to the last byte of its answer.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [quantile(0.95, rateBy(METRICS.aiDuration, ['model', 'le'], {}, '_bucket'))],
    legends: ['{{model}}'],
  },
  {
    id: 'ai-first-token',
    title: 'First token',
    description: 'The 95th percentile of the wait for the first token of a stream: what users feel as slow.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [quantile(0.95, rateBy(METRICS.aiFirstToken, ['model', 'le'], {}, '_bucket'))],
    legends: ['{{model}}'],
  },
  {
    id: 'ai-per-token',
    title: 'Each further token',
    description: 'The 95th percentile of the time for each token after the first; above 0.1 s, people read faster.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [quantile(0.95, rateBy(METRICS.aiPerToken, ['model', 'le'], {}, '_bucket'))],
    legends: ['{{model}}'],
  },
  {
    id: 'ai-overhead',
    title: 'What the gateway adds',
    description:
      'The 99th percentile of the time to the first byte of an answer, less what the provider took; our part alone.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [quantile(0.99, rateBy(METRICS.aiOverhead, ['namespace', 'le'], {}, '_bucket'))],
    legends: ['P99'],
  },
  {
    id: 'ai-tokens',
    title: 'Tokens',
    description: 'Tokens per second, as the provider counts them, of questions (input) and answers (output).',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.aiTokens, ['model', 'token_type'], {}, '_sum')],
    legends: ['{{model}} {{token_type}}'],
  },
  {
    id: 'ai-cost',
    title: 'Cost',
    description: 'US dollars per second of each model, by the prices of the definition.',
    unit: 'currencyUSD',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.aiCost, ['model'])],
    legends: ['{{model}}'],
  },
  {
    id: 'ai-cache',
    title: 'Chats answered from the cache',
    description: 'Lookups per second of chats whose answers may be kept (`ai.cache`); the others are not looked up.',
    unit: 'ops',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.aiCacheLookups, ['result'])],
    legends: ['{{result}}'],
  },
  {
    id: 'ai-attempts',
    title: 'Questions to providers',
    description:
      'Questions per second to each provider, by how they ended; where another answered in its place, clients see nothing of it.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.aiAttempts, ['provider', 'outcome'])],
    legends: ['{{provider}} {{outcome}}'],
  },
  {
    id: 'ai-refusals',
    title: 'Refused and let through by limits',
    description:
      'Requests per second that were let through to a model, and those that no provider of it was asked for, by the limit that refused: of the provider, of the caller, or of how many may wait.',
    unit: 'reqps',
    kind: 'timeseries',
    queries: () => [rateBy(METRICS.aiRefusals, ['model', 'limit']), rateBy(METRICS.aiWait, ['model'], {}, '_count')],
    legends: ['{{model}} {{limit}}', '{{model}} let through'],
  },
  {
    id: 'ai-wait',
    title: 'Wait for limits',
    description: 'The 95th percentile of the time that requests waited until the limits of their model had room.',
    unit: 's',
    kind: 'timeseries',
    queries: () => [quantile(0.95, rateBy(METRICS.aiWait, ['model', 'le'], {}, '_bucket'))],
    legends: ['{{model}}'],
  },
  {
    id: 'ai-reserved',
    title: 'Reserved for each token used',
    description:
      'How many tokens are reserved for one that is used: far above 1, limits are full sooner than they need be.',
    unit: 'short',
    kind: 'timeseries',
    queries: () => [divide(rateBy(METRICS.aiReserved, ['model']), rateBy(METRICS.aiTokens, ['model'], {}, '_sum'))],
    legends: ['{{model}}'],
  },
  {
    id: 'provider-limit',
    title: 'Left of the limits of the provider',
    description: 'Share of its limits that the provider says is left, over all pods.',
    unit: 'percentunit',
    kind: 'timeseries',
    queries: () => [
      divide(
        sum(['namespace', 'model', 'resource'], series(METRICS.providerRemaining)),
        sum(['namespace', 'model', 'resource'], series(METRICS.providerLimit)),
      ),
    ],
    legends: ['{{model}} {{resource}}'],
  },
] as const satisfies readonly Panel[];
