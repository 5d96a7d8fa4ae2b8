import { withValues, type EnvironmentName, type Service } from '../../service/definition/index.ts';
import { checkService } from './check-service.ts';
import { formatComparison } from './comparison.ts';
import type { Breach, Invariant, Layer } from './finding.ts';

/** An invariant at length. */
export type Explanation = {
  readonly id: string;
  readonly layers: readonly Layer[];
  readonly reason: string;
  readonly formula: string;
  /** How it stands in each environment that was asked for. */
  readonly environments: readonly Standing[];
  readonly example: ExplainedExample;
  /** Where it is described: a path of the project, with the anchor. */
  readonly link: string;
};

/** How an invariant stands in an environment: each comparison with its numbers, and what does not hold. */
export type Standing = {
  readonly environment: EnvironmentName;
  readonly holds: boolean;
  readonly comparisons: readonly string[];
  readonly problems: readonly string[];
};

/** A change that breaks the invariant, and what is found then. */
export type ExplainedExample = {
  readonly environment: EnvironmentName;
  readonly change: string;
  readonly findings: readonly Pick<Breach, 'path' | 'problem' | 'fixes'>[];
};

/** Tells an invariant at length for some environments; the example breaks a value of `sample`. */
export function explain(rule: Invariant, services: readonly Service[], sample: Service): Explanation {
  const { id, layers, reason, formula } = rule;
  return {
    id,
    layers,
    reason,
    formula,
    environments: services.map((service) => standing(rule, service)),
    example: explainedExample(rule, sample),
    link: `docs/invariants.md#${id}`,
  };
}

function standing({ compare, check }: Invariant, service: Service): Standing {
  const problems = check(service).map(({ path, problem }) => `${path}: ${problem}`);
  return {
    environment: service.environment,
    holds: problems.length === 0,
    comparisons: compare?.(service).map(formatComparison) ?? [],
    problems,
  };
}

function explainedExample(rule: Invariant, sample: Service): ExplainedExample {
  const { example } = rule;
  const { environment } = sample;
  if ('edit' in example) return { environment, change: example.edit, findings: example.breaches(sample).map(told) };
  const change = example.settings.map((setting) => `--set ${setting}`).join(' ');
  return { environment, change, findings: checkService(withValues(sample, example.settings), [rule]).map(told) };
}

function told({ path, problem, fixes }: Breach): ExplainedExample['findings'][number] {
  return { path, problem, fixes };
}
