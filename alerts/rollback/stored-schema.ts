import { z } from 'zod';
import type { ReleaseRecord } from './record.ts';
import { OUTCOMES, PHASES, type Inbox, type Signs, type State } from './state.ts';

const time = z.number();
const amount = z.number().nonnegative();

const releaseSchema = z.strictObject({ id: z.string(), image: z.string(), configuration: z.string() });

const runSchema = z.strictObject({ hash: z.string(), release: releaseSchema, version: z.string() });

const revision = { ...runSchema.shape, safeFrom: z.string() };

const figuresSchema = z.strictObject({ requests: amount, failed: amount, timed: amount, fast: amount });

const sampleSchema = z.strictObject({
  at: time,
  release: figuresSchema.exactOptional(),
  previous: figuresSchema.exactOptional(),
});

const evidenceSchema = z.strictObject({
  at: time,
  waited: amount,
  resolved: z.boolean(),
  isCurrent: z.boolean(),
  age: amount.exactOptional(),
  previous: z.string().exactOptional(),
  answers: z.boolean(),
  sample: sampleSchema.exactOptional(),
  isPaused: z.boolean(),
  wasRolledBack: z.boolean(),
  sinceRollback: amount.exactOptional(),
  safeFrom: z.string(),
  target: runSchema.exactOptional(),
  unusable: z.array(z.strictObject({ hash: z.string(), reason: z.string() })),
  room: z.number().exactOptional(),
  frozen: z.strictObject({ until: time, reason: z.string() }).exactOptional(),
  order: z.strictObject({ by: z.string(), reason: z.string() }).exactOptional(),
});

const verdictSchema = z.strictObject({
  answer: z.enum(['roll-back', 'wait', 'dismiss', 'refuse', 'inconclusive']),
  rule: z.string(),
  reason: z.string(),
});

const policySchema = z.strictObject({
  mode: z.enum(['act', 'dry-run']),
  errors: amount,
  fast: amount,
  minimumSample: amount,
  watch: amount,
  pending: amount,
  patience: amount,
  cooldown: amount,
  withdrawnFor: amount,
  restoreDeadline: amount,
  detectionDeadline: amount,
  restoreSurge: amount,
  timeToReady: amount,
  baseline: amount,
  alertAge: amount,
  silence: amount,
  probes: amount,
  probePaths: z.array(z.string()),
});

const eventSchema = z.strictObject({
  key: z.string(),
  kind: z.enum(['firing', 'resolved', 'order']),
  name: z.string(),
  hash: z.string(),
  storedAt: time,
  startsAt: time,
  reason: z.string().exactOptional(),
  target: z.string().exactOptional(),
});

const paceSchema = z.strictObject({ surge: amount, minReadySeconds: amount });

const restoreSchema = z.strictObject({
  target: runSchema,
  replicas: amount,
  before: paceSchema,
  during: paceSchema,
  deadline: time,
  orderedAt: time.exactOptional(),
  finishedAt: time.exactOptional(),
});

const seen = {
  ...revision,
  id: z.string(),
  seenAt: time,
  writer: z.string().exactOptional(),
  previous: z.strictObject(revision).exactOptional(),
  firstReadyAt: time.exactOptional(),
  trigger: eventSchema.exactOptional(),
  order: eventSchema.exactOptional(),
  samples: z.array(sampleSchema),
  restore: restoreSchema.exactOptional(),
};

const watchSchema = z.strictObject({
  ...seen,
  resolved: z.boolean().exactOptional(),
  isByOrder: z.boolean().exactOptional(),
  decidingSince: time.exactOptional(),
  evidence: evidenceSchema.exactOptional(),
  verdict: verdictSchema.exactOptional(),
  policy: policySchema.exactOptional(),
  decidedAt: time.exactOptional(),
  outcome: z.enum(OUTCOMES).exactOptional(),
  ending: z.string().exactOptional(),
  endedAt: time.exactOptional(),
});

const owedSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('quarantine'),
    release: releaseSchema,
    reason: z.string(),
    by: z.string(),
    at: time,
  }),
  z.strictObject({ kind: z.literal('hand-over'), of: z.string() }),
  z.strictObject({ kind: z.enum(['record', 'tell']), watch: watchSchema }),
]);

// Other formats are met by guards that were deployed before, or after, the one that wrote.
const format = z.literal(1, { error: '1: another version of the guard wrote this' });

/** What the guard keeps. */
export const stateSchema = z.strictObject({
  format,
  phase: z.enum(PHASES),
  watch: watchSchema.exactOptional(),
  current: z.string().exactOptional(),
  raised: z.strictObject({ before: paceSchema, during: paceSchema }).exactOptional(),
  withdrawn: z.strictObject({ of: z.string(), until: time }).exactOptional(),
  owed: z.array(owedSchema),
  proven: z.array(z.strictObject({ ...runSchema.shape, at: time })),
  rolledBack: z.array(z.string()),
  lastRollbackAt: time.exactOptional(),
  taken: z.array(z.string()),
}) satisfies z.ZodType<State>;

/** Events that wait. */
export const eventsSchema = z.array(eventSchema) satisfies z.ZodType<Inbox['events']>;

/** Until when a person has frozen releases. */
export const freezeSchema = z.strictObject({
  until: time,
  reason: z.string(),
  by: z.string(),
}) satisfies z.ZodType<Inbox['freeze']>;

/** Signs of life. */
export const signsSchema = z.strictObject({ watchdog: time, prometheus: time }) satisfies z.ZodType<Signs>;

/** What is kept of a release for good. */
export const recordSchema = z.strictObject({
  ...seen,
  format,
  windowEndsAt: time.exactOptional(),
  decision: z
    .strictObject({ evidence: evidenceSchema, verdict: verdictSchema, policy: policySchema, at: time })
    .exactOptional(),
  outcome: z.enum(OUTCOMES),
  ending: z.string(),
  endedAt: time,
  timings: z.strictObject({
    detection: z.number().exactOptional(),
    restore: z.number().exactOptional(),
    whole: z.number().exactOptional(),
  }),
}) satisfies z.ZodType<ReleaseRecord>;
