import { describe, expect, test } from '@jest/globals';
import { alertmanagerConfig, alertmanagerConfigSpec, alertsOf } from '../../alerts/index.ts';
import { definition, ENVIRONMENTS, withValues, type Service } from '../../service/definition/index.ts';
import { watchedBy, watchedByAll } from './notified.ts';
import { runTool, testWith } from './tools.ts';

type Labels = Readonly<Record<string, string>>;

/** Where an alert of each kind lands when everybody has a receiver of their own. */
const LANDINGS: readonly (readonly [labels: Labels, receiver: string])[] = [
  [{ severity: 'page', team: 'service' }, 'on-call'],
  [{ severity: 'page', team: 'platform' }, 'cluster'],
  [{ severity: 'page' }, 'on-call'],
  [{ severity: 'ticket', team: 'service' }, 'chat'],
  [{ severity: 'ticket', team: 'platform' }, 'mail'],
  [{ severity: 'ticket', team: 'somebody-else' }, 'chat'],
  // The guard hears the heartbeat too.
  [{ severity: 'none' }, 'guard,dead-man'],
  [{ severity: 'release', team: 'service' }, 'guard'],
  [{ severity: 'critical', team: 'service' }, 'chat'],
  [{}, 'chat'],
];

/** Where an alert of each severity lands when there is one receiver and no guard. */
const LANDINGS_OF_ONE: Readonly<Record<string, string>> = {
  page: 'team',
  ticket: 'team',
  none: 'nobody',
  release: 'team',
  critical: 'team',
};

describe.each(ENVIRONMENTS)('the routes of %s', (name) => {
  const services: readonly Service[] = [
    withValues(definition[name], ['release.guard.mode=off']),
    withValues(definition[name], ['release.guard.mode=act']),
    watchedByAll(name, 'release.guard.mode=act'),
  ];
  const secretUrl = watchedBy(name, {
    images: { prometheus: 'prom/prometheus:v2.42.0', alertmanager: 'prom/alertmanager:v0.26.0' },
    receivers: { team: { webhook: { urlFrom: { secret: 'pager', key: 'url' } } } },
  });

  testWith('amtool', 'are accepted by amtool', () => {
    for (const service of services) {
      const { status, output } = amtool(service, ['check-config', 'alertmanager.yaml']);
      expect(output).toContain('SUCCESS');
      expect(status).toBe(0);
    }
  });

  testWith('amtool', 'lead every alert to the one receiver, and the Watchdog to nobody', () => {
    const service = withValues(definition[name], ['release.guard.mode=off']);
    for (const [severity, receiver] of Object.entries(LANDINGS_OF_ONE))
      expect([severity, landing(service, { severity })]).toEqual([severity, receiver]);
    for (const { id, severity, team } of alertsOf(service)) {
      const labels = { alertname: id, severity, team };
      expect([id, landing(service, labels)]).toEqual([id, LANDINGS_OF_ONE[severity]]);
    }
  });

  testWith('amtool', 'lead each alert to whom its severity and its team have', () => {
    const service = watchedByAll(name, 'release.guard.mode=act');
    for (const [labels, receiver] of LANDINGS) expect([labels, landing(service, labels)]).toEqual([labels, receiver]);
    for (const { id, severity, team } of alertsOf(service)) {
      const expected = LANDINGS.find(([labels]) => labels.severity === severity && (labels.team ?? team) === team);
      expect([id, landing(service, { alertname: id, severity, team })]).toEqual([id, expected?.[1]]);
    }
  });

  test('are the same for the operator and for a plain Alertmanager', () => {
    for (const service of [...services, secretUrl])
      expect(inSnakeCase(alertmanagerConfigSpec(service))).toEqual(asObject(alertmanagerConfig(service)));
  });
});

test('each severity is told when the definition says, in units that Alertmanager reads', () => {
  const changed = withValues(definition.prod, [
    'monitoring.notifications.page.groupWait=0s',
    'monitoring.notifications.ticket.repeatInterval=1.5h',
  ]);
  expect(routesOf(changed)).toMatchObject({
    page: { group_wait: '0s', group_interval: '1m', repeat_interval: '1h' },
    ticket: { group_wait: '1m', group_interval: '10m', repeat_interval: '90m' },
  });
});

test('a release is judged by the guard of its own namespace, each release at once and by itself', () => {
  const service = withValues(definition.prod, ['release.guard.mode=act', 'release.groupWait=1s', 'namespace=orders']);
  const { receivers } = alertmanagerConfig(service) as { receivers: readonly object[] };

  expect(routesOf(service).release).toEqual({
    matchers: ['severity="release"'],
    receiver: 'guard',
    group_by: ['alertname', 'namespace', 'pod_template_hash'],
    group_wait: '1s',
    group_interval: '10s',
    repeat_interval: '1m',
  });
  expect(receivers).toContainEqual({
    name: 'guard',
    webhook_configs: [
      {
        url: 'http://guard.orders.svc:9465/alerts',
        send_resolved: true,
        http_config: { authorization: { type: 'Bearer', credentials_file: '/run/secrets/guard/token' } },
      },
    ],
  });
});

test('the guard hears the heartbeat at least twice before it takes its silence for news, and others as before', () => {
  const beats = (silence: string) => {
    const service = withValues(definition.prod, ['release.guard.mode=act', `release.guard.silence=${silence}`]);
    const { route } = alertmanagerConfig(service) as { route: { routes: readonly { receiver: string }[] } };
    return route.routes.filter((each) => JSON.stringify(each).includes('severity=\\"none\\"'));
  };
  const [guard, others] = beats('10m');

  expect(guard).toMatchObject({ receiver: 'guard', continue: true, group_interval: '1m', repeat_interval: '30s' });
  expect(others).toMatchObject({ receiver: 'nobody', group_interval: '1h' });
  expect(others).not.toHaveProperty('continue');
  expect(beats('30s')[0]).toMatchObject({ group_wait: '0s', group_interval: '15s', repeat_interval: '7500ms' });
});

test('the heartbeat is looked at as often as its receiver waits for it, and each time the last one is long ago', () => {
  const service = watchedBy('prod', { notifications: { watchdog: { receiver: 'team', repeatInterval: '30s' } } });

  expect(routesOf(service).none).toMatchObject({ receiver: 'team', group_interval: '30s', repeat_interval: '15s' });
});

test('hours are those of the definition, by whose clocks it says; pages and what nobody declared know none', () => {
  const service = watchedBy('dev', {
    notifications: {
      ticket: { activeDuring: 'office' },
      windows: {
        office: [{ days: ['monday:friday'], times: [{ from: '09:00', to: '17:00' }], location: 'Europe/Berlin' }],
        unused: [{ days: ['sunday'] }],
      },
    },
  });
  const config = alertmanagerConfig(service) as { route: object };

  expect(config).toMatchObject({
    time_intervals: [
      {
        name: 'office',
        time_intervals: [
          {
            weekdays: ['monday:friday'],
            times: [{ start_time: '09:00', end_time: '17:00' }],
            location: 'Europe/Berlin',
          },
        ],
      },
    ],
  });
  expect(routesOf(service).ticket).toHaveProperty('active_time_intervals', ['office']);
  expect(routesOf(service).page).not.toHaveProperty('active_time_intervals');
  expect(config.route).not.toHaveProperty('active_time_intervals');
});

test('a receiver that no severity of an environment has is not there, nor the Secrets that it would need', () => {
  const service = watchedBy('prod', {
    receivers: {
      team: { webhook: { url: 'http://pager.internal/alerts' } },
      elsewhere: { slack: { urlFrom: { secret: 'chat', key: 'url' }, channel: '#orders' } },
    },
    notifications: { receiver: 'team' },
  });

  expect(JSON.stringify(alertmanagerConfig(service))).not.toContain('elsewhere');
});

function amtool(service: Service, args: readonly string[]) {
  return runTool('amtool', args, { 'alertmanager.yaml': alertmanagerConfig(service) });
}

/** The receiver that amtool finds for an alert with some labels. */
function landing(service: Service, labels: Labels): string | undefined {
  const named = Object.entries({ alertname: 'Any', namespace: service.namespace, ...labels });
  const args = ['config', 'routes', 'test', '--config.file=alertmanager.yaml'];
  return amtool(service, [...args, ...named.map(([name, value]) => `${name}=${value}`)]).output.split('\n')[0];
}

/** The routes of everybody, by severity. */
function routesOf(service: Service): Readonly<Record<string, object>> {
  const { route } = alertmanagerConfig(service) as { route: { routes: readonly { matchers: readonly string[] }[] } };
  return Object.fromEntries(
    route.routes
      .filter(({ matchers }) => matchers.length === 1)
      .map((each) => [/"(.*)"/.exec(each.matchers[0] ?? '')?.[1] ?? '', each]),
  );
}

function inSnakeCase(value: unknown): unknown {
  return mapped(value, (key, inner) => [
    key.replace(/URL|TLS/, (word) => `_${word.toLowerCase()}`).replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
    inSnakeCase(inner),
  ]);
}

/** What the custom resource says otherwise than the file: matchers and Secrets are objects, and windows know UTC alone. */
function asObject(config: unknown): unknown {
  return mapped(config, (key, inner) => {
    if (key === 'location') return undefined;
    if (key === 'time_intervals' && Array.isArray(inner) && 'name' in (inner[0] as object))
      return ['mute_time_intervals', asObject(inner)];
    if (key.endsWith('matchers'))
      return [key.replace(/_matchers$/, '_match'), (inner as readonly string[]).map(matcherObject)];
    if (key === 'url_file') return ['url_secret', selector(String(inner))];
    if (key.endsWith('_file')) return [key.replace(/_file$/, ''), selector(String(inner))];
    return [key, asObject(inner)];
  });
}

function matcherObject(text: string): object {
  const [, name, matchType, value = ''] = /^(\w+)(=~|=)(".*")$/.exec(text) ?? [];
  return { name, match_type: matchType, value: JSON.parse(value) as string };
}

function selector(file: string): object {
  const [, name, key] = /^\/run\/secrets\/([\w-]+)\/([\w.-]+)$/.exec(file) ?? [];
  return { name, key };
}

type Entry = (key: string, inner: unknown) => readonly [string, unknown] | undefined;

function mapped(value: unknown, entry: Entry): unknown {
  if (Array.isArray(value)) return value.map((inner) => mapped(inner, entry));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const changed = entry(key, inner);
      return changed === undefined ? [] : [changed];
    }),
  );
}
