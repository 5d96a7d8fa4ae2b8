import type { Service } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { requestsShed } from './expressions.ts';
import { kubectl, requestsByRoute } from './first-look.ts';

const UNREHEARSED = 'no experiment sends more than the gateway can do';

const firstLook = (service: Service) => ({
  'How full the lanes are': `${selectGateway(service.namespace, METRICS.laneInFlight)} / ${selectGateway(service.namespace, METRICS.laneLimit)}`,
  'What was full': `sum by (lane, reason) (rate(${selectGateway(service.namespace, METRICS.shed)}[5m]))`,
  'Which routes ask more than before': requestsByRoute(service),
  'Whether more pods are coming': kubectl(service, 'get hpa gateway'),
});

/** Alerts on what the gateway has no room for. */
export const LANE_ALERTS = [
  {
    id: 'RequestsShed',
    severity: 'page',
    team: 'service',
    group: 'causes',
    for: '2m',
    expression: (service) => requestsShed('critical', service),
    summary: 'The gateway refuses requests because it has too much to do',
    description:
      '{{ $value | printf "%.2f" }} {{ $labels.lane }} requests a second are refused with 503 in {{ $labels.namespace }}.',
    runbook: {
      meaning:
        'The critical lane works on as many requests as it may, and its queue is full or was waited in too long.',
      impact: 'Refused callers see 503 with Retry-After. What is admitted is answered as fast as ever.',
      firstLook,
      fix: [
        "More load: raise `scaling.max`, or a tier's limits down to what was agreed.",
        'Slow upstream or store: restore it; lanes fill because requests stay in them.',
      ],
    },
    panel: 'shed',
    dashboard: 'traffic',
    ruleTestOnly: UNREHEARSED,
  },
  {
    id: 'BackgroundShed',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '15m',
    expression: (service) => requestsShed('background', service),
    summary: 'The gateway refuses background requests for longer than a peak lasts',
    description:
      '{{ $value | printf "%.2f" }} {{ $labels.lane }} requests a second have been refused with 503 in {{ $labels.namespace }} for a quarter of an hour.',
    runbook: {
      meaning: 'The background lane is full. It is meant to give way, but not all the time.',
      impact:
        'Lines of logs and asked-for statuses are refused with 503 and Retry-After. Critical requests are not touched.',
      firstLook,
      fix: [
        'Pods have room: raise `resilience.lanes.background`.',
        'They have none: see RequestsShed, which comes next.',
        'One caller floods it: give the route a limit of its own.',
      ],
    },
    panel: 'shed',
    dashboard: 'traffic',
    ruleTestOnly: UNREHEARSED,
  },
] as const satisfies readonly Alert[];
