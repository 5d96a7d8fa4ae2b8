import { parseService, type EnvironmentName, type Service } from '../../service/definition/index.ts';
import { environment } from '../charts/render.ts';

/** Changes to how an environment is watched, as a definition says it. */
export type MonitoringChanges = {
  readonly kind?: 'operator' | 'standalone';
  readonly images?: object;
  readonly receiver?: unknown;
  readonly receivers?: Readonly<Record<string, object>>;
  /** Laid over what stands there, field by field. */
  readonly notifications?: Readonly<Record<string, unknown>>;
};

const at = (secret: string, key: string) => ({ secret, key });

/** A receiver of each kind, and one with several. */
export const EVERY_KIND = {
  chat: { slack: { urlFrom: at('chat', 'url'), channel: '#orders' } },
  cluster: { email: { to: 'cluster@example.com', from: 'sluice@example.com', smarthost: 'smtp.example.com:587' } },
  'dead-man': { webhook: { url: 'http://dead-man.internal/beat', token: at('dead-man', 'token') } },
  mail: {
    email: {
      to: 'orders@example.com, lead@example.com',
      from: 'sluice@example.com',
      smarthost: 'smtp.example.com:587',
      username: 'sluice',
      password: at('mail', 'password'),
    },
  },
  'on-call': {
    pagerduty: { routingKey: at('pager', 'routing-key') },
    webhook: { url: 'http://pager.internal:9000/alerts', token: at('pager', 'token') },
  },
} as const;

/** Who is told of what, with all of them. */
export const EVERY_ROUTE = {
  page: { receiver: 'on-call', teams: { platform: 'cluster' } },
  ticket: { receiver: 'chat', teams: { platform: 'mail' }, activeDuring: 'office', mutedDuring: 'lunch' },
  watchdog: { receiver: 'dead-man' },
  windows: {
    office: [
      { days: ['monday:thursday'], times: [{ from: '09:00', to: '17:00' }] },
      { days: ['friday'], times: [{ from: '09:00', to: '14:00' }] },
    ],
    lunch: [{ times: [{ from: '12:00', to: '13:00' }] }],
  },
};

/** An environment that is watched otherwise; throws a DefinitionError like a definition that says so. */
export function watchedBy(name: EnvironmentName, changes: MonitoringChanges, ...settings: string[]): Service {
  const service = environment(name, ...settings);
  const { notifications } = service.monitoring;
  const changed = Object.entries(changes.notifications ?? {}).map(([field, value]) => {
    const before = (notifications as Readonly<Record<string, unknown>>)[field];
    return [field, isRecord(before) && isRecord(value) ? { ...before, ...value } : value] as const;
  });
  return parseService({
    ...service,
    monitoring: {
      ...service.monitoring,
      ...changes,
      notifications: { ...notifications, ...Object.fromEntries(changed) },
    },
  });
}

/** An environment with receivers of every kind, each in use. */
export function watchedByAll(name: EnvironmentName, ...settings: string[]): Service {
  return watchedBy(name, { receivers: EVERY_KIND, notifications: EVERY_ROUTE }, ...settings);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
