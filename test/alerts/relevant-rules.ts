import type { AlertId, RecordingRule, RuleGroups } from '../../alerts/index.ts';

/**
 * The rules of these alerts, and what they read that other rules record, or all that is recorded; the rest would only
 * take time. Groups that nothing is left of are gone.
 */
export function relevantRules({ groups }: RuleGroups, wanted: readonly AlertId[] | 'recorded'): RuleGroups {
  const all = groups.flatMap(({ rules }) => rules);
  const names: readonly string[] = wanted === 'recorded' ? [] : wanted;
  const isWanted = (rule: (typeof all)[number]): boolean =>
    'alert' in rule ? names.includes(rule.alert) : wanted === 'recorded';
  const kept = new Set(all.filter(isWanted));
  for (const { expr } of kept) {
    for (const rule of all) if ('record' in rule && isRead(rule, expr)) kept.add(rule);
  }
  return {
    groups: groups
      .map((group) => ({ ...group, rules: group.rules.filter((rule) => kept.has(rule)) }))
      .filter(({ rules }) => rules.length > 0),
  };
}

function isRead({ record, labels: { slo } }: RecordingRule, expression: string): boolean {
  if (!expression.includes(`${record}{`)) return false;
  return slo === undefined || !expression.includes('slo="') || expression.includes(`slo="${slo}"`);
}
