import type { Duration, Service } from '../service/definition/index.ts';
import type { Severity } from './alert.ts';

type Timing = {
  /** How long the first notification waits for others of its group. */
  readonly groupWait: Duration;
  /** How long until a group that changed is told again. */
  readonly groupInterval: Duration;
  /** How long until a group that did not change is told again. */
  readonly repeatInterval: Duration;
};

/** When each severity is told; both go to the receiver of the definition, which sees from the name which it is. */
const ROUTES: Readonly<Record<Severity, Timing>> = {
  page: { groupWait: '10s', groupInterval: '1m', repeatInterval: '1h' },
  ticket: { groupWait: '1m', groupInterval: '10m', repeatInterval: '24h' },
};

// What no route matches has a severity that nobody declared: too late is better than never.
const FALLBACK: Severity = 'ticket';

const GROUP_BY = ['alertname', 'namespace'];

/** A whole configuration for Alertmanager 0.25 and later. */
export function alertmanagerConfig({ monitoring }: Service): object {
  return {
    route: {
      receiver: FALLBACK,
      group_by: GROUP_BY,
      routes: Object.entries(ROUTES).map(([severity, { groupWait, groupInterval, repeatInterval }]) => ({
        matchers: [`severity="${severity}"`],
        receiver: severity,
        group_wait: groupWait,
        group_interval: groupInterval,
        repeat_interval: repeatInterval,
      })),
    },
    receivers: Object.keys(ROUTES).map((severity) => ({
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
  return {
    route: {
      receiver: FALLBACK,
      groupBy: GROUP_BY,
      routes: Object.entries(ROUTES).map(([severity, timing]) => ({
        matchers: [{ name: 'severity', value: severity, matchType: '=' }],
        receiver: severity,
        ...timing,
      })),
    },
    receivers: Object.keys(ROUTES).map((severity) => ({
      name: severity,
      webhookConfigs: [{ url: monitoring.receiver, sendResolved: true }],
    })),
  };
}
