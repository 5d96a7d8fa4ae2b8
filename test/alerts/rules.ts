import { ruleGroups, type AlertingRule, type RecordingRule } from '../../alerts/index.ts';
import type { Service } from '../../service/definition/index.ts';

/** The alerts of an environment as rules. */
export function alertingRules(service: Service): readonly AlertingRule[] {
  return rulesOf(service).filter((rule) => 'alert' in rule);
}

/** What an environment records, as rules. */
export function recordingRules(service: Service): readonly RecordingRule[] {
  return rulesOf(service).filter((rule) => 'record' in rule);
}

function rulesOf(service: Service): readonly (AlertingRule | RecordingRule)[] {
  return ruleGroups(service).groups.flatMap(({ rules }) => rules);
}
