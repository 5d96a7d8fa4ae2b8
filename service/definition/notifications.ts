import { GUARD_TOKEN, isGuarded } from './guard.ts';
import { TOLD, type NotificationPeriod } from './notifications-schema.ts';
import type { Receiver } from './receivers-schema.ts';
import type { ServiceValues } from './schema.ts';
import type { SecretReference } from './secret-reference.ts';

type Monitoring = Pick<ServiceValues['monitoring'], 'notifications' | 'receivers'>;

/** A key of a Secret that a receiver needs. */
type NotificationSecret = SecretReference & { readonly receiver: string };

/** Names of receivers that routes of ours lead to, and that no receiver of a definition may have. */
export const RESERVED_RECEIVERS = {
  /** The guard, which withdraws releases. */
  guard: 'guard',
  /** Where what nobody waits for ends. */
  nobody: 'nobody',
} as const;

/** Who is told where no severity says otherwise; undefined: there are several, and none of them is named. */
export function defaultReceiver({ notifications, receivers }: Monitoring): string | undefined {
  const names = Object.keys(receivers);
  return notifications.receiver ?? (names.length === 1 ? names[0] : undefined);
}

/** Every receiver that some severity names or falls to, with the field that does. */
export function namedReceivers(monitoring: Monitoring): readonly (readonly [path: string, name: string])[] {
  const { notifications } = monitoring;
  const common = defaultReceiver(monitoring);
  const named = [
    ['receiver', notifications.receiver] as const,
    ...TOLD.flatMap((severity) => [
      [`${severity}.receiver`, notifications[severity].receiver ?? common] as const,
      ...Object.entries(notifications[severity].teams).map(
        ([team, name]) => [`${severity}.teams.${team}`, name] as const,
      ),
    ]),
    ['watchdog.receiver', notifications.watchdog?.receiver] as const,
  ];
  return named.flatMap(([path, name]) => (name === undefined ? [] : [[path, name] as const]));
}

/** The receivers that are told of anything, by name; the others of a definition are for other environments. */
export function receiversInUse(monitoring: Monitoring): readonly (readonly [name: string, receiver: Receiver])[] {
  const named = new Set(namedReceivers(monitoring).map(([, name]) => name));
  return Object.entries(monitoring.receivers)
    .filter(([name]) => named.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The windows that a severity names, by name. */
export function windowsInUse({
  notifications,
}: Pick<Monitoring, 'notifications'>): readonly (readonly [name: string, periods: readonly NotificationPeriod[]])[] {
  const named = new Set(
    TOLD.flatMap((severity) => [notifications[severity].activeDuring, notifications[severity].mutedDuring]),
  );
  return Object.entries(notifications.windows)
    .filter(([name]) => named.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** What those who run the receivers of an environment must give it; a key that several need is there for each. */
export function notificationSecrets(monitoring: Monitoring): readonly NotificationSecret[] {
  return receiversInUse(monitoring).flatMap(([receiver, { webhook, email, slack, pagerduty }]) =>
    [webhook?.urlFrom, webhook?.token, email?.password, slack?.urlFrom, pagerduty?.routingKey].flatMap((reference) =>
      reference ? [{ ...reference, receiver }] : [],
    ),
  );
}

/** Every key of a Secret that an Alertmanager reads: also the guard's token, which is made with the other passwords. */
export function alertmanagerSecrets({
  monitoring,
  release,
}: {
  readonly monitoring: Monitoring;
} & Pick<ServiceValues, 'release'>): readonly NotificationSecret[] {
  const { guard } = RESERVED_RECEIVERS;
  return [...notificationSecrets(monitoring), ...(isGuarded({ release }) ? [{ ...GUARD_TOKEN, receiver: guard }] : [])];
}
