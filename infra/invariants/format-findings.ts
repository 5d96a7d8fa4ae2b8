import type { Finding, Fix } from './finding.ts';

/** How the parts of a finding are told apart; plain text by default. */
export type FindingStyle = { readonly rule: (text: string) => string; readonly fix: (text: string) => string };

const PLAIN: FindingStyle = { rule: (text) => text, fix: (text) => text };

/**
 * A block of lines for each finding: rule, layers and place, both numbers, why it matters, what to change.
 * What is the same in several environments is told once.
 */
export function formatFindings(findings: readonly Finding[], style: FindingStyle = PLAIN): readonly string[] {
  const same = Map.groupBy(findings, ({ rule, path, problem, fixes }) => JSON.stringify([rule, path, problem, fixes]));
  return [...same.values()].map((group) => formatGroup(group, style));
}

/** A fix as it is typed or done. */
export function formatFix(fix: Fix): string {
  return 'edit' in fix ? fix.edit : fix.settings.map((setting) => `--set ${setting}`).join(' ');
}

function formatGroup(findings: readonly Finding[], style: FindingStyle): string {
  const [finding] = findings;
  if (!finding) return '';
  const { rule, layers, path, problem, reason, fixes } = finding;
  const environments = findings.map(({ environment }) => environment).join(', ');
  return [
    `${style.rule(rule)} (${environments}) joins ${layers.join(', ')}; broken at ${path}`,
    `  ${problem}`,
    `  why: ${reason}`,
    ...fixes.map((fix, index) => `  ${index === 0 ? 'fix' : ' or'}: ${style.fix(formatFix(fix))}`),
  ].join('\n');
}
