import { ALERTS, pendingOf, type Alert, type AlertId } from '../alerts/index.ts';
import type { Service } from '../service/definition/index.ts';

/** It says that no drill has ended well lately: a drill is what ends it. */
const ENDED_BY_DRILLS = 'DrillMissed' satisfies AlertId;

/** It tells until the next release how the guard ended with the last one: all is well again, or it would not say so. */
const TELLS_OF_AN_END = 'ReleaseRestored' satisfies AlertId;

/**
 * Whether an alert that fires says that something is wrong now. It does not where it always fires, where a drill or the
 * next release is what ends it, and where it tells of the budget of hours and days, which a drill has just spent itself.
 */
export function isTelling(id: string, service: Service): boolean {
  const alert = (ALERTS as readonly Alert[]).find((each) => each.id === id);
  if (!alert) return true;
  const looksBack = alert.group === 'budgets' || (alert.group === 'objectives' && pendingOf(alert, service) === '0s');
  return alert.severity !== 'none' && id !== ENDED_BY_DRILLS && id !== TELLS_OF_AN_END && !looksBack;
}
