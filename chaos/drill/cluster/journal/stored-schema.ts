import { z } from 'zod';
import { duration, ratio } from '../../../../service/definition/fields.ts';
import type { ChaosMeshFault, Component, KubernetesFault } from '../../../experiment.ts';
import { faultSchema } from '../../../faults/fault-schema.ts';
import { FORMAT, RESULTS, STATES, type Done, type Journal, type Runner, type Wish } from './journal.ts';
import type { Undo } from './undo.ts';

/** The longest that a fault may be wanted for, in milliseconds: whoever wants more is not to be trusted with it. */
export const MAX_TTL_MS = 3_600_000;

const time = z.number().nonnegative();
const text = z.string().min(1).max(1_000);
// What objects are called after: a name of Kubernetes, and a value of a label.
const id = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and -, at most 63');
const selector = z.record(z.string(), z.string());

const component = z.enum([
  'gateway',
  'upstream',
  'redis',
  'redis-cache',
  'postgres',
  'alertmanager',
]) satisfies z.ZodType<Component>;

const kubernetesFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('kill-pod'), component }),
  z.strictObject({ kind: z.literal('evict-pods'), component }),
  z.strictObject({
    kind: z.literal('proxy'),
    on: z.enum(['upstream', 'redis', 'redis-cache', 'postgres']),
    fault: faultSchema,
  }),
  z.strictObject({ kind: z.literal('scale-away'), component }),
  z.strictObject({ kind: z.literal('bad-release'), bad: z.enum(['errors', 'latency']) }),
]) satisfies z.ZodType<KubernetesFault>;

const stressed = { workers: z.int().min(1).max(64) };

const chaosMeshFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('PodChaos'), on: component, action: z.enum(['pod-kill', 'pod-failure']) }),
  z.strictObject({
    kind: z.literal('NetworkChaos'),
    on: component,
    to: component,
    action: z.enum(['delay', 'loss', 'partition']),
    latency: duration.exactOptional(),
    loss: ratio.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('HTTPChaos'),
    on: component,
    port: z.int().min(1).max(65_535),
    code: z.int().min(100).max(599),
  }),
  z.strictObject({
    kind: z.literal('StressChaos'),
    on: component,
    cpu: z.strictObject({ ...stressed, load: z.number().min(1).max(100) }).exactOptional(),
    memory: z.strictObject({ ...stressed, size: z.string().regex(/^\d+(MB|GB|%)$/) }).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('TimeChaos'),
    on: component,
    offset: z.string().regex(/^-?\d+[smh]$/) as unknown as z.ZodType<`${'-' | ''}${number}${'s' | 'm' | 'h'}`>,
  }),
  z.strictObject({ kind: z.literal('DNSChaos'), on: component, patterns: z.array(text).min(1) }),
]) satisfies z.ZodType<ChaosMeshFault>;

/** A wish, which a program of another version may have written. */
export const wishSchema = z.strictObject({
  id,
  experiment: id,
  fault: z.union([kubernetesFault, chaosMeshFault], { error: 'a fault that this keeper knows' }),
  ttl: z.number().min(1_000).max(MAX_TTL_MS),
  requestedBy: text,
}) satisfies z.ZodType<Wish>;

const undoSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('proxy'),
    pod: id,
    services: z.array(id),
    turned: z.strictObject({ service: id, selector }).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('replicas'),
    workload: z.enum(['Deployment', 'StatefulSet']),
    name: id,
    from: z.int().nonnegative(),
    to: z.int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('configuration'), good: text, bad: text }),
  z.strictObject({ kind: z.literal('object'), apiVersion: text, of: text, name: id }),
]) satisfies z.ZodType<Undo>;

const doneSchema = z.strictObject({
  id,
  experiment: z.string(),
  state: z.enum(STATES),
  until: time,
  undo: z.array(undoSchema),
  touched: z.array(z.string()),
  injectedAt: time.exactOptional(),
  revertedAt: time.exactOptional(),
  why: z.string().exactOptional(),
  failed: z.string().exactOptional(),
}) satisfies z.ZodType<Done>;

const runnerSchema = z.strictObject({
  id,
  by: text,
  beat: z.number().nonnegative(),
  experiment: id.exactOptional(),
}) satisfies z.ZodType<Runner>;

/** The journal, but for its wishes. */
export const journalSchema = z.strictObject({
  format: z.literal(FORMAT, { error: `${FORMAT}: another version of the drills wrote this` }),
  runner: runnerSchema.exactOptional(),
  wanted: z.array(z.unknown()),
  done: z.array(doneSchema),
  stopped: z.strictObject({ at: time, by: text }).exactOptional(),
  lastSuccess: time.exactOptional(),
  runs: z.record(z.enum(RESULTS), z.int().nonnegative()),
}) satisfies z.ZodType<Omit<Journal, 'wanted'>>;
