import type { Service } from '../service/definition/index.ts';
import { METRICS, selectExported } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import { GUARDED } from './ending-alerts.ts';
import { kubectl, sluice } from './first-look.ts';
import { blind, guardFails, leaderless, refusesAlerts } from './guard-expressions.ts';

const said = (service: Service) => kubectl(service, 'logs -l app.kubernetes.io/name=guard --tail=100');

const BY_HAND =
  'A release goes wrong meanwhile: `npx sluice release rollback --env ENV --reason WHY`, which tells the commands of kubectl where no guard would do it.';

/** Alerts on the guard itself: whether it is there, hears what it must hear, and can do what it wants. */
export const GUARD_ALERTS = [
  {
    id: 'GuardLeaderless',
    severity: 'page',
    team: 'platform',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '1m',
    expression: leaderless,
    summary: 'No guard watches the releases',
    description: 'For a minute no guard in {{ $labels.namespace }} has led, or none is there to be scraped.',
    runbook: {
      meaning: 'Every guard waits for the lease and none has it, or there is no guard that Prometheus reaches.',
      impact: 'None yet. A bad release stays until people withdraw it; a restore that is under way is not watched.',
      firstLook: (service) => ({
        'What is known of it': sluice(service, 'release status'),
        'Whether there are pods, and in which state': kubectl(
          service,
          'get pods -l app.kubernetes.io/name=guard -o wide',
        ),
        'Who holds the lease, and since when': kubectl(service, 'get lease sluice-guard -o yaml'),
        'What they said last': said(service),
      }),
      fix: [
        'No pod runs: look for a quota, a missing Secret `guard` or an image that cannot be pulled in `kubectl get events`.',
        'They run and cannot take the lease: the log says what the API server answers; the Role `guard` must have it.',
        'They lead and are not scraped: the NetworkPolicy or the PodMonitor `guard`.',
        'Until it is mended have `sluice up` and `pulumi up` refuse: `npx sluice release freeze --env ENV --for 2h --reason WHY`.',
        BY_HAND,
      ],
    },
    panel: 'guard-leads',
    dashboard: 'release',
    ruleTestOnly: 'no experiment takes the guard away: what would withdraw a release then is missing',
  },
  {
    id: 'GuardBlind',
    severity: 'page',
    team: 'platform',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '1m',
    expression: blind,
    summary: 'The guard hears nothing of releases',
    description:
      'The guard in {{ $labels.namespace }} has had no sign of {{ $labels.of }} for {{ $value | humanizeDuration }}.',
    runbook: {
      meaning:
        'Of the watchdog: Alertmanager does not reach the guard, or is refused. Of prometheus: the guard gets no answer to its questions. For longer than `release.guard.silence`.',
      impact: 'None yet. Without alerts the guard waits in vain; without figures it leaves every release to people.',
      firstLook: (service) => ({
        'What the guard says of both': sluice(service, 'release status'),
        'What became of what it was told': `sum by (result) (increase(${selectExported(service.namespace, METRICS.guardWebhooks)}[15m]))`,
        'What it said last': said(service),
        'Whether Prometheus and Alertmanager run': kubectl(
          service,
          "get pods -A -l 'app.kubernetes.io/name in (prometheus, alertmanager)'",
        ),
      }),
      fix: [
        'Refused: Alertmanager shows another token than the key `token` of the Secret `guard`, or comes from an address outside `release.guard.sources`.',
        'Nothing arrives: the NetworkPolicy of the guard, or a route of Alertmanager that takes the Watchdog before.',
        'No answer of Prometheus: `monitoring.prometheusUrl` is not the one whose rules these are, or a NetworkPolicy is in the way.',
        BY_HAND,
      ],
    },
    panel: 'guard-signs',
    dashboard: 'release',
    experiment: 'alertmanager-down',
  },
  {
    id: 'GuardRefusesAlerts',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '0s',
    expression: refusesAlerts,
    summary: 'The guard refuses what it is told',
    description:
      'The guard in {{ $labels.namespace }} refused {{ $value | printf "%.0f" }} deliveries in a quarter of an hour.',
    runbook: {
      meaning:
        'Somebody told the guard of alerts with a wrong token, from a wrong address, or in a form, with labels or of an age that it does not take.',
      impact: 'None, when it was nobody of ours. When it was Alertmanager, the guard does not hear of bad releases.',
      firstLook: (service) => ({
        'What it refused, and why': `${said(service)} --prefix`,
        'What it took meanwhile': `sum by (result) (increase(${selectExported(service.namespace, METRICS.guardWebhooks)}[15m]))`,
        'Whether it hears the Watchdog': `max by (of) (${selectExported(service.namespace, METRICS.guardSignsAge)})`,
      }),
      fix: [
        'A label is strange: Prometheus adds it to every alert (`external_labels`); name it in `release.guard.externalLabels`.',
        'The token is another: the Secret `guard` was made anew; start Alertmanager again.',
        'It was nobody of ours: find whose address the log names; the NetworkPolicy should not have let it in.',
      ],
    },
    panel: 'guard-webhooks',
    dashboard: 'release',
    ruleTestOnly: 'no experiment forges an alert',
  },
  {
    id: 'GuardFails',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    exporters: ['guard'],
    only: GUARDED,
    for: '0s',
    expression: guardFails,
    summary: 'The guard keeps failing at what it does',
    description:
      'The guard in {{ $labels.namespace }} failed {{ $value | printf "%.0f" }} times in a quarter of an hour to {{ $labels.doing }}.',
    runbook: {
      meaning:
        'Something that the guard tries again and again does not work: to read the cluster or Prometheus, to store what it knows, to act, to tell its receiver, to hold its lease.',
      impact: 'None while it comes through at last. A rollback that has to wait for it takes longer than is promised.',
      firstLook: (service) => ({
        'What it says of itself': sluice(service, 'release status'),
        'What it could not do, and why': said(service),
        'What it may do': kubectl(service, `auth can-i --list --as=system:serviceaccount:${service.namespace}:guard`),
      }),
      fix: [
        'The API server refuses: the Role `guard` lacks something; apply the manifests again.',
        'The API server does not answer: the NetworkPolicy of the guard, or the control plane itself.',
        'The receiver does not take messages: `release.guard.receiver` names it; mend it or name another.',
      ],
    },
    panel: 'guard-errors',
    dashboard: 'release',
    ruleTestOnly: 'no experiment takes rights from the guard',
  },
] as const satisfies readonly Alert[];
