import { z } from 'zod';
import { FORMAT, type Run } from './run.ts';

const text = z.string();
const name = z.string().min(1);
// Until the year 9999, so that every time can be written as a date.
const time = z.number().nonnegative().max(253_402_300_799_999).describe('milliseconds since 1970');
const amount = z.int().nonnegative();
const share = z.number().min(0).max(1);

/** The id is the name of a folder too, so that it may lead nowhere else. */
const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/)
  .describe('letters, digits, dots, hyphens and underscores: it names the folder');

const assertion = z.strictObject({
  id: name.describe('a link of the chain, or a bound, such as lost-critical'),
  title: text,
  kind: z.enum(['link', 'bound', 'silent', 'guard', 'steady', 'reverted']),
  outcome: z.enum(['held', 'broke', 'skipped']),
  measured: text.describe('in words with units'),
  allowed: text.describe('in words with units'),
  value: z.number().exactOptional().describe('what was measured, where it is a number: seconds, a count or a share'),
  limit: z.number().exactOptional().describe('what was allowed, where it is a number'),
  reason: text.exactOptional().describe('why it was skipped'),
});

const timelineEntry = z.strictObject({
  id: name,
  title: text,
  from: time.describe('from when its time counts, in milliseconds since 1970'),
  due: time.describe('by when it had to happen, in milliseconds since 1970'),
  at: time.exactOptional().describe('when it did, in milliseconds since 1970; absent: it did not'),
});

const series = z.strictObject({
  id: name,
  title: text,
  unit: z.enum(['per-second', 'seconds', 'count', 'share']),
  points: z.array(z.tuple([time, z.number().nullable()])).describe('times and values, null for a gap'),
});

const lane = z.strictObject({
  lane: name,
  sent: amount,
  failedOnce: amount.describe('failed at first, and were tried once more'),
  lost: amount.describe('failed twice'),
  p50: z.number().nonnegative().exactOptional().describe('seconds, of those that were answered'),
  p99: z.number().nonnegative().exactOptional().describe('seconds, of those that were answered'),
  reasons: z.record(z.string(), amount).describe('statuses and network errors of failures, and how often'),
});

/** What a report that a program reads may hold; the same as the type `Run`, field by field. */
export const runSchema = z
  .strictObject({
    format: z.literal(FORMAT).describe('changes when a field changes its meaning or goes'),
    id,
    experiment: name,
    hypothesis: text,
    blastRadius: text,
    target: z.enum(['local', 'cluster']),
    environment: text,
    namespace: text,
    pace: z.enum(['full', 'quick']),
    means: z.enum(['local', 'kubernetes', 'chaosMesh']),
    without: name.exactOptional().describe('what was switched off to see the experiment fail; absent: nothing'),
    seed: z.number(),
    versions: z.record(z.string(), z.string()),
    startedAt: time,
    endedAt: time,
    verdict: z.enum(['passed', 'failed', 'aborted']),
    reason: name.describe('the verdict in a sentence'),
    phases: z.array(z.strictObject({ name: z.enum(['before', 'fault', 'after']), from: time, to: time })),
    fault: z
      .strictObject({ title: name, injectedAt: time, revertedAt: time })
      .exactOptional()
      .describe('absent: it never was injected'),
    assertions: z.array(assertion),
    timeline: z.array(timelineEntry),
    lanes: z.array(lane),
    budget: z.strictObject({
      allowed: share.describe('the share of requests that the objective allows to fail'),
      bad: amount,
      requests: amount,
      used: z.number().nonnegative().describe('the share of the budget of its window that the run used'),
    }),
    series: z.array(series),
    leftovers: z.array(text).describe('faults that were found before the start, and taken back'),
    repeat: name.describe('the command that does it again'),
  })
  .superRefine((run, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const broken = run.assertions.filter(({ outcome }) => outcome === 'broke').map((each) => each.id);
    if (run.verdict === 'passed' && broken.length > 0) {
      wrong('verdict', `is 'passed' although ${broken.join(', ')} broke; it must be 'failed' or 'aborted'`);
    }
    if (run.verdict === 'failed' && broken.length === 0) {
      wrong('verdict', "is 'failed' although no assertion broke; name the one that did, or say 'aborted'");
    }
    if (run.verdict === 'passed' && !run.fault) {
      wrong('fault', "is absent of a run that 'passed': without a fault nothing was shown");
    }
    if (run.endedAt < run.startedAt) wrong('endedAt', `${run.endedAt} is before startedAt ${run.startedAt}`);
    if (run.fault && run.fault.revertedAt < run.fault.injectedAt) {
      wrong('fault', `revertedAt ${run.fault.revertedAt} is before injectedAt ${run.fault.injectedAt}`);
    }
    for (const field of ['assertions', 'timeline', 'series'] as const) {
      const twice = run[field].map((each) => each.id).find((each, index, all) => all.indexOf(each) !== index);
      if (twice !== undefined) wrong(field, `holds '${twice}' twice; every id must be unique`);
    }
  }) satisfies z.ZodType<Run>;

/** What is wrong with a value that should be a run, a line each; none: nothing is. */
export function findingsOf(value: unknown): readonly string[] {
  const result = runSchema.safeParse(value);
  return result.success
    ? []
    : result.error.issues.map(
        ({ path, message }) => `${path.length === 0 ? 'the report' : path.join('.')}: ${message}`,
      );
}

/** The documented schema of report.json (JSON Schema 2020-12); docs/drill-report.schema.json is written from it. */
export function reportSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Report of a drill',
    description: 'What one run of one experiment left behind: the file report.json in its folder.',
    ...z.toJSONSchema(runSchema, { target: 'draft-2020-12' }),
  };
}
