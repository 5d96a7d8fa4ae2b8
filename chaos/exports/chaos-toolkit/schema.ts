import { z } from 'zod';

// From https://chaostoolkit.org/reference/api/experiment/, as far as exports use it. What chaostoolkit-lib accepts
// besides and an export never needs, such as Python providers, secrets and references, is refused.

const words = z.string().trim().min(1);
const seconds = z.number().positive();

const httpProvider = z.strictObject({
  type: z.literal('http'),
  url: words,
  method: z.enum(['GET', 'PUT', 'POST', 'DELETE']).default('GET'),
  headers: z.record(z.string(), z.string()).optional(),
  /** Of a GET the query, else the body. */
  arguments: z.record(z.string(), z.unknown()).optional(),
  timeout: seconds,
});

const processProvider = z.strictObject({
  type: z.literal('process'),
  /** A program on the PATH. */
  path: words,
  arguments: z.array(words),
  timeout: seconds,
});

const activity = {
  name: words,
  provider: z.discriminatedUnion('type', [httpProvider, processProvider]),
  background: z.boolean().optional(),
  /** Seconds. */
  pauses: z.strictObject({ before: seconds.optional(), after: seconds.optional() }).optional(),
};

const action = z.strictObject({ type: z.literal('action'), ...activity });
const probe = z.strictObject({ type: z.literal('probe'), ...activity });

const scalar = z.union([z.int(), z.string(), z.boolean()]);

/** What a probe's answer must be: of HTTP, a number is its status. */
const tolerance = z.union([
  scalar,
  z.tuple([z.number(), z.number()]),
  z.strictObject({
    type: z.literal('jsonpath'),
    path: z.string().startsWith('$'),
    target: z.literal('body').optional(),
    expect: z.union([scalar, z.array(scalar)]).optional(),
    count: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('regex'), pattern: words, target: z.string().optional() }),
  z.strictObject({ type: z.literal('range'), range: z.tuple([z.number(), z.number()]), target: z.string().optional() }),
]);

const hypothesis = z.strictObject({
  title: words,
  probes: z.array(z.strictObject({ type: z.literal('probe'), ...activity, tolerance })).min(1),
});

const configuration = z.record(
  z.string().regex(/^[a-z_]+$/),
  z.union([z.string(), z.strictObject({ type: z.literal('env'), key: words, default: z.string() })]),
);

const shape = z.strictObject({
  version: z.literal('1.0.0'),
  title: words,
  description: words,
  tags: z.array(words).optional(),
  configuration: configuration.default({}),
  'steady-state-hypothesis': hypothesis,
  method: z.array(z.discriminatedUnion('type', [action, probe])).min(1),
  rollbacks: z.array(action).min(1),
  /** Of the default strategy Chaos Toolkit skips rollbacks just when the steady state deviates. */
  runtime: z.strictObject({ rollbacks: z.strictObject({ strategy: z.literal('always') }) }),
});

/**
 * An experiment of Chaos Toolkit as exports write it: what its documentation asks for, rollbacks that always run, and no
 * variable that is not configured.
 */
export const chaosToolkitSchema = shape.superRefine((experiment, context) => {
  const known = Object.keys(experiment.configuration);
  const used = [...JSON.stringify(experiment).matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name);
  for (const name of new Set(used.filter((each) => !known.includes(each)))) {
    context.addIssue({ code: 'custom', path: ['configuration', name], message: 'a variable that is used' });
  }
  const activities = [...experiment['steady-state-hypothesis'].probes, ...experiment.method, ...experiment.rollbacks];
  const names = activities.map((each) => each.name);
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) {
    context.addIssue({
      code: 'custom',
      path: ['method'],
      message: `activities with names of their own; two are '${name}'`,
    });
  }
});

/** An experiment of Chaos Toolkit. */
export type ChaosToolkitExperiment = z.output<typeof chaosToolkitSchema>;

/** One thing that it does or looks at. */
export type Activity = ChaosToolkitExperiment['method'][number];

/** What it does. */
export type Action = ChaosToolkitExperiment['rollbacks'][number];

/** What must hold before and after. */
export type HypothesisProbe = ChaosToolkitExperiment['steady-state-hypothesis']['probes'][number];
