import type { Duration, Service } from '../service/definition/index.ts';
import type { Severity } from './alert.ts';
import { wholeUnits } from './whole-units.ts';

type Timing = { readonly groupWait: Duration; readonly groupInterval: Duration; readonly repeatInterval: Duration };

// What no route matches has a severity that nobody declared: too late is better than never.
const FALLBACK: Severity = 'ticket';

const GROUP_BY = ['alertname', 'namespace'];

/** A whole configuration for Alertmanager 0.25 and later. */
export function alertmanagerConfig({ monitoring }: Service): object {
  const timings = timingsOf(monitoring);
  return {
    route: {
      receiver: FALLBACK,
      group_by: GROUP_BY,
      routes: timings.map(([severity, { groupWait, groupInterval, repeatInterval }]) => ({
        matchers: [`severity="${severity}"`],
        receiver: severity,
        group_wait: groupWait,
        group_interval: groupInterval,
        repeat_interval: repeatInterval,
      })),
    },
    receivers: timings.map(([severity]) => ({
      name: severity,
      webhook_configs: [{ url: monitoring.receiver, send_resolved: true }],
    })),
  };
}

/**
 * The same routes and receivers as the `spec` of an AlertmanagerConfig (monitoring.coreos.com/v1alpha1). The operator
 * applies it only to alerts whose `namespace` label is that of the object.
 */
export function alertmanagerConfigSpec({ monitoring }: Service): object {
  const timings = timingsOf(monitoring);
  return {
    route: {
      receiver: FALLBACK,
      groupBy: GROUP_BY,
      routes: timings.map(([severity, timing]) => ({
        matchers: [{ name: 'severity', value: severity, matchType: '=' }],
        receiver: severity,
        ...timing,
      })),
    },
    receivers: timings.map(([severity]) => ({
      name: severity,
      webhookConfigs: [{ url: monitoring.receiver, sendResolved: true }],
    })),
  };
}

function timingsOf({ notifications }: Service['monitoring']): readonly (readonly [Severity, Timing])[] {
  const { page, ticket } = notifications;
  return [
    ['page', inWholeUnits(page)],
    ['ticket', inWholeUnits(ticket)],
  ];
}

function inWholeUnits({ groupWait, groupInterval, repeatInterval }: Timing): Timing {
  return {
    groupWait: wholeUnits(groupWait),
    groupInterval: wholeUnits(groupInterval),
    repeatInterval: wholeUnits(repeatInterval),
  };
}
