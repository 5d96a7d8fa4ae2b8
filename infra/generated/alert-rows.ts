import { ALERTS, burnRate, INHIBITIONS, OBJECTIVES, PAIRS, type Alert, type LabelMatcher } from '../../alerts/index.ts';
import { definition } from '../../service/definition/index.ts';

type Row = readonly string[];

/** What is promised in prod, and of what it is a share. */
export function objectiveRows(): readonly Row[] {
  return Object.entries(OBJECTIVES).map(([id, { promise, counts }]) => [
    `\`${id}\``,
    promise(definition.prod),
    `a share ${counts}`,
  ]);
}

/** How fast a budget must burn, in which windows, for whom to be told. */
export function paceRows(): readonly Row[] {
  return Object.entries(PAIRS).flatMap(([severity, pairs]) =>
    pairs.map((pair) => [
      severity,
      pair.long,
      pair.short,
      pair.spent,
      `${burnRate(pair, definition.prod)} times as fast as it may`,
    ]),
  );
}

/** What silences what. */
export function inhibitionRows(): readonly Row[] {
  return INHIBITIONS.map(({ source, target, equal, why }) => [
    matched(source),
    matched(target),
    equal.map((label) => `\`${label}\``).join(', '),
    why,
  ]);
}

/** Every alert, each with a link to its section of the runbook, which lies at `runbook`. */
export function alertRows(runbook: string): readonly Row[] {
  return (ALERTS as readonly Alert[]).map(({ id, severity, team, summary }) => [
    `[${id}](${runbook}#${id.toLowerCase()})`,
    severity,
    team,
    summary,
  ]);
}

function matched(matchers: readonly LabelMatcher[]): string {
  return matchers
    .map(({ label, value }) => (label === 'alertname' ? value.split('|').join(', ') : `\`${label}="${value}"\``))
    .join(' with ');
}
