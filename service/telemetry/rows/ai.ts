import type { Metric } from '../metric.ts';
import { LATENCY_BUCKETS } from './requests.ts';

/** Bucket edges of whole answers: from a word to what a provider's own timeouts end. */
const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160] as const;

/** Bucket edges of the wait for a model's first token. */
const FIRST_TOKEN_BUCKETS = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 30] as const;

/** Bucket edges of the pause between two tokens. */
const PER_TOKEN_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1] as const;

/** Bucket edges of tokens of one answer. */
const TOKEN_BUCKETS = [1, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576] as const;

/** Bucket edges of the wait for a limit: from none to the longest that there is. */
const WAIT_BUCKETS = [0.005, 0.05, 0.25, 1, 2.5, 5, 10, 20, 40, 60] as const;

/**
 * What keeps a request from a model: how many requests or tokens its provider admits, the tokens or the budget of the
 * caller, and how many may wait.
 */
export const MODEL_LIMITS = ['requests', 'tokens', 'caller-tokens', 'budget', 'queue'] as const;

/** Bucket edges of what the gateway itself adds to an answer of a model: judged as the time of other requests is. */
const OVERHEAD_BUCKETS = [0.001, 0.0025, ...LATENCY_BUCKETS] as const;

/** Answers of models: how fast they come, what they use and cost, and what the provider still admits. */
export const AI_METRICS = {
  aiDuration: {
    name: 'gen_ai_client_operation_duration_seconds',
    type: 'histogram',
    help: 'Time from asking a model to the last byte of its answer, of whole answers, by model.',
    labels: ['model'],
    buckets: DURATION_BUCKETS,
    exporter: 'gateway',
  },
  aiFirstToken: {
    name: 'gen_ai_server_time_to_first_token_seconds',
    type: 'histogram',
    help: 'Time from asking a model to the first token of a stream, by model.',
    labels: ['model'],
    buckets: FIRST_TOKEN_BUCKETS,
    exporter: 'gateway',
  },
  aiPerToken: {
    name: 'gen_ai_server_time_per_output_token_seconds',
    type: 'histogram',
    help: 'Time for each token of a stream after the first, by model.',
    labels: ['model'],
    buckets: PER_TOKEN_BUCKETS,
    exporter: 'gateway',
  },
  aiTokens: {
    name: 'gen_ai_client_token_usage',
    type: 'histogram',
    help: 'Tokens of a question and of its answer as the provider counted them, by model.',
    labels: ['model', 'token_type'],
    buckets: TOKEN_BUCKETS,
    exporter: 'gateway',
  },
  aiCost: {
    name: 'gateway_ai_cost_usd_total',
    type: 'counter',
    help: 'Cost of answers in US dollars, from counted tokens and the prices of the definition, by model.',
    labels: ['model'],
    exporter: 'gateway',
  },
  aiOverhead: {
    name: 'gateway_ai_overhead_seconds',
    type: 'histogram',
    help: "Time from a request to the first byte of a model's answer, less the time that the provider took.",
    labels: [],
    buckets: OVERHEAD_BUCKETS,
    exporter: 'gateway',
  },
  aiCacheLookups: {
    name: 'gateway_ai_cache_lookups_total',
    type: 'counter',
    help: 'Chats whose answer may be kept, by whether one was there.',
    labels: ['result'],
    values: { result: ['hit', 'miss'] },
    exporter: 'gateway',
  },
  aiAttempts: {
    name: 'gateway_ai_attempts_total',
    type: 'counter',
    help: 'Questions to a provider of models, by how they ended for whoever waited: also those that another answered in its place.',
    labels: ['provider', 'outcome'],
    exporter: 'gateway',
  },
  aiWait: {
    name: 'gateway_ai_wait_seconds',
    type: 'histogram',
    help: 'Time that a request waited until the limits of its model and caller had room, of those that were let through, by model.',
    labels: ['model'],
    buckets: WAIT_BUCKETS,
    exporter: 'gateway',
  },
  aiRefusals: {
    name: 'gateway_ai_refusals_total',
    type: 'counter',
    help: 'Requests that a limit kept from every provider of a model, by which limit it was that would have had room first.',
    labels: ['model', 'limit'],
    values: { limit: MODEL_LIMITS },
    exporter: 'gateway',
  },
  aiReserved: {
    name: 'gateway_ai_reserved_tokens_total',
    type: 'counter',
    help: 'Tokens that were reserved before a model was asked; what was used in the end is in gen_ai_client_token_usage.',
    labels: ['model'],
    exporter: 'gateway',
  },
  providerLimit: {
    name: 'gateway_provider_limit',
    type: 'gauge',
    help: 'What the provider of a model admits in its window, as its last answer said; 0 before it has said so.',
    labels: ['model', 'resource'],
    exporter: 'gateway',
    across: 'newest',
  },
  providerRemaining: {
    name: 'gateway_provider_remaining',
    type: 'gauge',
    help: 'What of it is left, as the last answer of the provider said; 0 before it has said so.',
    labels: ['model', 'resource'],
    exporter: 'gateway',
    across: 'newest',
  },
} as const satisfies Readonly<Record<string, Metric>>;
