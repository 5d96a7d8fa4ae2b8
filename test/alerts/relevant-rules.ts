import type { AlertId, RecordingRule, RuleGroups } from '../../alerts/index.ts';

/**
 * The rules of these alerts, and what they read that other rules record; the rest would only take time. Groups that
 * nothing is left of are gone.
 */
export function relevantRules({ groups }: RuleGroups, alerts: readonly AlertId[]): RuleGroups {
  const all = groups.flatMap(({ rules }) => rules);
  const kept = new Set<(typeof all)[number]>(all.filter((rule) => 'alert' in rule && isOf(rule.alert, alerts)));
  for (const { expr } of kept) {
    for (const rule of all) if ('record' in rule && isRead(rule, expr)) kept.add(rule);
  }
  return {
    groups: groups
      .map((group) => ({ ...group, rules: group.rules.filter((rule) => kept.has(rule)) }))
      .filter(({ rules }) => rules.length > 0),
  };
}

function isOf(name: string, alerts: readonly string[]): boolean {
  return alerts.includes(name);
}

function isRead({ record, labels: { slo } }: RecordingRule, expression: string): boolean {
  if (!expression.includes(`${record}{`)) return false;
  return slo === undefined || !expression.includes('slo="') || expression.includes(`slo="${slo}"`);
}
