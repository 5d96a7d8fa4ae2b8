import { alertmanagerConfig } from '../../../../alerts/index.ts';
import { alertmanagerSecrets, secretFile, SECRETS_FOLDER, type Service } from '../../../../service/definition/index.ts';
import type { Breach } from '../../finding.ts';
import { named } from './artefacts.ts';

/** A configuration of Alertmanager, as far as it names something. */
export type ToldConfig = {
  readonly route: RouteNames & { readonly routes: readonly (RouteNames & { readonly matchers: readonly string[] })[] };
  readonly receivers: readonly { readonly name: string }[];
  readonly time_intervals?: readonly { readonly name: string }[];
};

type RouteNames = {
  readonly receiver: string;
  readonly active_time_intervals?: readonly string[];
  readonly mute_time_intervals?: readonly string[];
};

/** Routes to receivers and hours that are not there, and receivers that read a Secret that nothing brings to them. */
export function toldBreaches(
  service: Service,
  config: ToldConfig = alertmanagerConfig(service) as ToldConfig,
): readonly Breach[] {
  const { route, receivers, time_intervals: hours = [] } = config;
  const names = (rows: readonly { readonly name: string }[]): string[] => rows.map(({ name }) => name);
  const routes = [
    ['monitoring.notifications', route] as const,
    ...route.routes.map((each) => [`monitoring.notifications.{${each.matchers.join(',')}}`, each] as const),
  ];
  return [
    ...routes.flatMap(([path, { receiver, active_time_intervals: active = [], mute_time_intervals: muted = [] }]) => [
      ...named(path, receiver, names(receivers), 'receiver', 'monitoring.receivers'),
      ...[...active, ...muted].flatMap((window) =>
        named(path, window, names(hours), 'window', 'monitoring.notifications.windows'),
      ),
    ]),
    ...receivers.flatMap((receiver) => unmounted(receiver, service)),
  ];
}

/** Files of Secrets that a receiver reads and that no pod of Alertmanager has. */
function unmounted(receiver: ToldConfig['receivers'][number], service: Service): readonly Breach[] {
  const mounted = alertmanagerSecrets(service).map(secretFile);
  return textsIn(receiver)
    .filter((text) => text.startsWith(`${SECRETS_FOLDER}/`) && !mounted.includes(text))
    .map((file) => ({
      path: `monitoring.receivers.${receiver.name}`,
      problem: `reads ${file}, a Secret that nothing mounts`,
      fixes: [{ edit: 'name the Secret and its key in the receiver, as secret and key' }],
    }));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
