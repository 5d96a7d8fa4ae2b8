import { styleText } from 'node:util';
import { formatFix, type ExplainedExample, type Explanation, type Standing } from '../invariants/index.ts';

/** An invariant at length, as it is told on a terminal. */
export function formatExplanation({ id, layers, reason, formula, environments, example, link }: Explanation): string {
  const lines = [
    `${styleText('bold', id, { stream: process.stdout })} joins ${layers.join(', ')}`,
    `  ${formula}`,
    '',
    `why: ${reason}`,
    '',
    ...told(environments),
    '',
    ...exampleLines(example),
    '',
    `more: ${link}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Environments that stand alike are told once. */
function told(environments: readonly Standing[]): readonly string[] {
  const alike = Map.groupBy(environments, ({ comparisons, problems }) => JSON.stringify([comparisons, problems]));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const names = group.map(({ environment }) => environment).join(', ');
    const { holds, comparisons, problems } = first;
    const state = styleText(holds ? 'green' : 'red', holds ? 'holds' : 'is broken', { stream: process.stdout });
    // What a broken comparison says, its problem repeats.
    const others = problems.filter((problem) => !comparisons.some((comparison) => problem.endsWith(comparison)));
    return [`now (${names}): ${state}`, ...[...comparisons, ...others].map((line) => `  ${line}`)];
  });
}

function exampleLines({ environment, change, findings }: ExplainedExample): readonly string[] {
  return [
    `broken, for example (${environment}), by ${change}`,
    ...findings.flatMap(({ path, problem, fixes }) => [
      `  ${path}: ${problem}`,
      ...fixes.map((fix, index) => `    ${index === 0 ? 'fix' : ' or'}: ${formatFix(fix)}`),
    ]),
  ];
}
