import type { DashboardId, Service } from '../service/definition/index.ts';
import { RECORDED, select } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { burning, labelsOf, PAIRS, share } from './burn.ts';
import { OBJECTIVES, type ObjectiveId } from './objectives.ts';

/** What the alerts on the pace of a budget say of their objective. */
export type BurnTexts<Fast extends string, Slow extends string> = {
  /** Name of the page; absent: nobody is woken for this objective. */
  readonly fast?: Fast;
  /** Name of the ticket. */
  readonly slow: Slow;
  /** Which budget, as the subject of the summary. */
  readonly summary: string;
  /** What happens, as the first sentence of the meaning. */
  readonly what: string;
  readonly impact: string;
  /** Where to look beside the budget itself. */
  readonly firstLook: Alert['runbook']['firstLook'];
  readonly fix: readonly string[];
  readonly panel: string;
  readonly dashboard: DashboardId;
  /** Why no experiment trips them. */
  readonly unrehearsed: string;
};

type BurnAlert<Id extends string> = Alert & { readonly id: Id };

/**
 * The page and the ticket of one objective: how fast its budget burns, in pairs of windows. There is no `for`: the long
 * window is it, and the short one ends the alert soon after its cause.
 */
export function burnAlerts<const Fast extends string = never, const Slow extends string = never>(
  objective: ObjectiveId,
  texts: BurnTexts<Fast, Slow>,
): readonly BurnAlert<Fast | Slow>[] {
  const { fast, slow } = texts;
  return [
    ...(fast === undefined ? [] : [burnAlert(objective, fast, 'page', texts)]),
    burnAlert(objective, slow, 'ticket', texts),
  ];
}

function burnAlert<Id extends string>(
  objective: ObjectiveId,
  id: Id,
  severity: keyof typeof PAIRS,
  { summary, what, impact, firstLook, fix, panel, dashboard, unrehearsed }: BurnTexts<string, string>,
): BurnAlert<Id> {
  const pairs = PAIRS[severity];
  const paces = pairs.map(
    ({ short, long, spent }) => `${spent} of the budget within ${long} and goes on in the last ${short}`,
  );
  return {
    id,
    severity,
    team: 'service',
    group: severity === 'page' ? 'objectives' : 'budgets',
    for: '0s',
    expression: (service: Service) => burning(objective, pairs, service),
    summary: `${summary} burns ${severity === 'page' ? 'so fast that it is gone within days' : 'faster than it may'}`,
    description: `The budget of the objective {{ $labels.slo }} in {{ $labels.namespace }} burns {{ $value | printf "%.1f" }} times as fast as it may.`,
    runbook: {
      meaning: `${what}. At this pace it takes ${paces.join(', or ')}. The objective is a share ${OBJECTIVES[objective].counts}`,
      impact,
      firstLook: (service) => ({
        ...firstLook(service),
        'How many times as fast as it may the budget burns now': `${share(objective, '5m', service)} / ${OBJECTIVES[objective].budget(service)}`,
        'What of it is left': select(RECORDED.budgetLeft, labelsOf(objective, service)),
      }),
      fix,
    },
    panel,
    dashboard,
    ruleTestOnly: unrehearsed,
  };
}
