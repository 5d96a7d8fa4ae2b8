import { isDrilled, type Service } from '../service/definition/index.ts';
import { METRICS, selectExported } from '../service/telemetry/catalogue.ts';
import type { Alert, Condition } from './alert.ts';
import { drillMissed, faultLeft, keeperDown } from './drill-expressions.ts';
import { kubectl } from './first-look.ts';

const DRILLED: Condition = { where: '`drills.enabled` is on', holds: isDrilled };

const KEEPER_PODS = 'app.kubernetes.io/component=drill-keeper';

const journal = (service: Service) => kubectl(service, 'get configmap sluice-drill -o yaml');
const keepers = (service: Service) => kubectl(service, `get pods -l ${KEEPER_PODS} -o wide`);
const said = (service: Service) => kubectl(service, `logs -l ${KEEPER_PODS} --tail=100`);

const BY_HAND =
  'Take the fault back by hand: the journal says for each what was there before; point a Service back by `kubectl edit service NAME`, whose annotation `sluice/drill-selector` has its own selector, and delete pods and objects labelled `sluice/drill-wish`.';

/** Alerts on drills: whether they take place, and whether they leave anything behind. */
export const DRILL_ALERTS = [
  {
    id: 'DrillMissed',
    severity: 'ticket',
    team: 'service',
    group: 'forecasts',
    for: '1h',
    exporters: ['drill-keeper'],
    only: DRILLED,
    expression: drillMissed,
    summary: 'No drill has succeeded for more than a month',
    description:
      'The last drill that ended well in {{ $labels.namespace }} was {{ $value | humanizeDuration }} ago; before the first, time counts from 1970.',
    runbook: {
      meaning:
        'The monthly drill was not started, was refused, did not finish, or showed that something does not do what it should.',
      impact: 'No user notices. Whether alerts, breakers and rollback still work is not known.',
      firstLook: (service) => ({
        'What runs of it there were': kubectl(service, 'get jobs -l app.kubernetes.io/component=drill'),
        'How experiments ended': `sum by (result) (increase(${selectExported(service.namespace, METRICS.drillRuns)}[35d]))`,
        'What the last one said': kubectl(service, 'logs -l app.kubernetes.io/component=drill --tail=200'),
        'When the next one starts': kubectl(service, 'get cronjob drill'),
      }),
      fix: [
        'It was not started: the CronJob `drill` is suspended, or no Jobs were started at that time.',
        'It was refused: it says why; a release was open, an alert fired, or too little error budget was left.',
        'It failed: its report says which step did not come in time; mend that.',
        'Run it now: `npx sluice drill --target cluster --env ENV --all`.',
      ],
    },
    panel: 'drill-age',
    dashboard: 'drills',
    ruleTestOnly: 'a drill that trips it would be one that succeeds',
  },
  {
    id: 'DrillFaultLeft',
    severity: 'page',
    team: 'platform',
    group: 'causes',
    for: '2m',
    exporters: ['drill-keeper'],
    only: DRILLED,
    expression: faultLeft,
    summary: 'A fault of a drill is still there',
    description:
      'A fault that a drill put into {{ $labels.namespace }} is past its deadline, or whoever takes it back is away ({{ $value | printf "%.0f" }}).',
    runbook: {
      meaning:
        'The keeper tries to take a fault back whose deadline is over and cannot, or it stopped while an experiment ran and has not come back.',
      impact:
        'What the experiment breaks stays broken: its blast radius says what, and `gateway_drill_active` which it is.',
      firstLook: (service) => ({
        'Which faults there are, and how each is put back': journal(service),
        'Whether the keeper runs': keepers(service),
        'What it could not do, and why': said(service),
        'Which experiment it was': `max by (experiment) (last_over_time(${selectExported(service.namespace, METRICS.drillActive)}[1h])) > 0`,
      }),
      fix: [
        'Tell the keeper again: `npx sluice drill stop --env ENV`.',
        'The API server refuses: the Role `drill-keeper` lacks something; apply the manifests again.',
        'No keeper runs: its image cannot be pulled, or the quota is used up; see DrillKeeperDown.',
        BY_HAND,
      ],
    },
    panel: 'drill-faults',
    dashboard: 'drills',
    ruleTestOnly: 'a drill whose fault cannot be taken back must not be made on purpose',
  },
  {
    id: 'DrillKeeperDown',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '5m',
    exporters: ['drill-keeper'],
    only: DRILLED,
    expression: keeperDown,
    summary: 'Nobody could take a fault of a drill back',
    description: 'Prometheus does not reach {{ $labels.job }} in {{ $labels.namespace }}.',
    runbook: {
      meaning: 'Every scrape of the keeper of drills fails, or there is no such pod.',
      impact:
        'No user notices. No drill can begin; when one was under way DrillFaultLeft says so, and until then nothing is broken.',
      firstLook: (service) => ({
        'Whether it runs': keepers(service),
        'What it said last': said(service),
        'Why it does not start': kubectl(service, 'get events --sort-by=.lastTimestamp'),
      }),
      fix: [
        'No pod runs: look for a quota, a missing Secret `sluice-drill` or an image that cannot be pulled.',
        'It ends again and again: its log says which variable is wrong, or that its journal is of another version.',
        'The pod is Ready: a NetworkPolicy or the scrape configuration keeps Prometheus from it.',
      ],
    },
    panel: 'drill-faults',
    dashboard: 'drills',
    ruleTestOnly: 'no experiment takes away who would end it',
  },
] as const satisfies readonly Alert[];
