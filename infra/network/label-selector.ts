import type { LabelExpression, Labels, LabelSelector } from './objects.ts';

/** Whether a selector picks an object with these labels. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => HOLDS[expression.operator](labels[expression.key], expression.values ?? []))
  );
}

type Test = (value: string | undefined, values: readonly string[]) => boolean;

const HOLDS: Readonly<Record<LabelExpression['operator'], Test>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  // Also true without the label, as in every selector of Kubernetes.
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
};
