import { isGuarded, type Duration, type Service } from '../service/definition/index.ts';
import { RECORDED, select, type Metric } from '../service/telemetry/catalogue.ts';
import { SHARES, labelsOf, type WindowId } from './burn.ts';
import { OBJECTIVE_IDS, OBJECTIVES, type ObjectiveId } from './objectives.ts';
import { failedShare, fastShare, requestsOf, timedRequestsOf } from './release-expressions.ts';
import { wholeUnits } from './whole-units.ts';

/** What is recorded under which name and labels; the labels are laid over those of the result. */
export type Recording = {
  readonly metric: Metric;
  readonly expression: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** The window that is counted anew from what pods tell; the longer ones are made of what it recorded. */
const SHORTEST = '5m' satisfies WindowId;

/** Windows that are recorded each time their alerts are judged. */
const NEAR: readonly WindowId[] = ['30m', '1h', '2h', '6h'];

/** Windows that hold so much that they are read less often. */
const FAR: readonly WindowId[] = ['1d', '3d'];

/** Everything that an environment records. */
export function recordingsOf(service: Service): readonly Recording[] {
  return [...objectiveRecordings(service), ...budgetRecordings(service), ...releaseRecordings(service)];
}

/** What is recorded of every objective before the alerts on it are judged. */
export function objectiveRecordings(service: Service): readonly Recording[] {
  return OBJECTIVE_IDS.flatMap((objective) => {
    const { events, badEvents } = OBJECTIVES[objective];
    const scope = { service, window: SHORTEST, by: ['namespace'] } as const;
    const record = recorder(objective, service);
    return [
      record(RECORDED.events, events(scope)),
      record(RECORDED.badEvents, badEvents(scope)),
      record(SHARES[SHORTEST], `${base('badEvents', objective, service)} / ${base('events', objective, service)}`),
      ...NEAR.map((window) => record(SHARES[window], shareOver(window, objective, service))),
    ];
  });
}

/** What is recorded of the budget of every objective, and of the windows that it burns slowly in. */
export function budgetRecordings(service: Service): readonly Recording[] {
  return OBJECTIVE_IDS.flatMap((objective) => {
    const record = recorder(objective, service);
    const spent = select(RECORDED.badShareBudget, labelsOf(objective, service));
    const budget = OBJECTIVES[objective].budget(service);
    return [
      ...FAR.map((window) => record(SHARES[window], shareOver(window, objective, service))),
      record(RECORDED.badShareBudget, shareOver(wholeUnits(service.slo.window), objective, service)),
      record(RECORDED.budget, `vector(${budget})`),
      record(RECORDED.budgetLeft, `1 - ${spent} / ${budget}`),
    ];
  });
}

/** What is recorded of every release before it is judged; nothing where no guard judges. */
export function releaseRecordings(service: Service): readonly Recording[] {
  if (!isGuarded(service)) return [];
  const labels = { namespace: service.namespace };
  return [
    { metric: RECORDED.releaseRequests, expression: requestsOf(service), labels },
    { metric: RECORDED.releaseErrors, expression: failedShare(service), labels },
    { metric: RECORDED.releaseTimed, expression: timedRequestsOf(service), labels },
    { metric: RECORDED.releaseFast, expression: fastShare(service), labels },
  ];
}

function recorder(objective: ObjectiveId, service: Service) {
  return (metric: Metric, expression: string): Recording => ({
    metric,
    expression,
    labels: labelsOf(objective, service),
  });
}

/** All that was bad over all that there was: a mean of shares would give a quiet minute the weight of a busy one. */
function shareOver(window: Duration, objective: ObjectiveId, service: Service): string {
  const total = (kind: 'events' | 'badEvents'): string => `sum_over_time(${base(kind, objective, service)}[${window}])`;
  return `${total('badEvents')} / ${total('events')}`;
}

function base(kind: 'events' | 'badEvents', objective: ObjectiveId, service: Service): string {
  return select(RECORDED[kind], labelsOf(objective, service));
}
