import { definition } from '../../service/definition/index.ts';
import { explain, formatFix, INVARIANTS, type Explanation } from '../invariants/index.ts';

/** The page that describes every invariant: the anchor of each is its id. */
export function invariantsPage(): string {
  const sections = INVARIANTS.map((rule) => section(explain(rule, [definition.prod], definition.prod)));
  return `# Invariants

Rules that join layers which no single object can see together. \`npx sluice check\` tries them in every environment, and
nothing is synthesized or deployed where one is broken. \`npx sluice check --explain ID\` tells one with the numbers of
your environments. This page is generated from the rules; its numbers are those of \`prod\`.

${sections.join('\n')}`;
}

function section({ id, layers, reason, formula, environments, example }: Explanation): string {
  const numbers = environments.flatMap(({ comparisons }) => comparisons);
  const findings = example.findings.flatMap(({ path, problem, fixes }) => [
    `${path}: ${problem}`,
    ...fixes.map((fix, index) => `  ${index === 0 ? 'fix' : ' or'}: ${formatFix(fix)}`),
  ]);
  return [
    `## ${id}`,
    `Joins ${layers.join(', ')}.`,
    `> ${formula}`,
    reason,
    ...(numbers.length > 0 ? ['Now:', block(numbers)] : []),
    `Broken, for example, by ${code(example.change)}:`,
    block(findings),
  ]
    .join('\n\n')
    .concat('\n');
}

function code(change: string): string {
  return change.startsWith('--') ? `\`${change}\`` : change;
}

function block(lines: readonly string[]): string {
  return ['```', ...lines, '```'].join('\n');
}
