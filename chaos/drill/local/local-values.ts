import { definition, toMebibytes, type Duration, type Service } from '../../../service/definition/index.ts';
import type { Experiment } from '../../experiment.ts';
import { QUICK_INTERVAL } from '../pace.ts';
import type { Pace } from '../stand.ts';

/** What beside the experiment and the pace decides the values. */
export type LocalValuesOptions = {
  /** Whether the protection that the experiment rehearses is switched off. Default: it is not. */
  readonly unprotected?: boolean;
  /** What the values are for. Default `definition.dev`. */
  readonly service?: Service;
};

/** Two, so that one can be lost. */
const WORKERS = 2;

/** No caller of a drill comes near it. */
const NEVER_REACHED = '1000000/s';

/** A few processors do here what a cluster has many for: what waits for its turn is not taken for a fault. */
const REDIS_TIMEOUT: Duration = '200ms';

/** Few enough that those that are left can be taken within a moment. */
const MAX_CONNECTIONS = 40;
const RESERVED = 5;

/**
 * The values, `path=value`, with which a local drill runs a definition: two workers, Redis, nobody limited, nothing that
 * only a cluster has, at quick pace everything judged each second, and what the experiment asks for.
 */
export function localValues(
  { localValues: own = [], protection }: Pick<Experiment, 'localValues' | 'protection'>,
  pace: Pace,
  { unprotected = false, service = definition.dev }: LocalValuesOptions = {},
): readonly string[] {
  return [
    `gateway.workers=${WORKERS}`,
    `gateway.memory.limit=${toMebibytes(service.gateway.memory.limit) * WORKERS}Mi`,
    'stores.backend=redis',
    'stores.redis.kind=single',
    `stores.redis.commandTimeout=${REDIS_TIMEOUT}`,
    `resilience.breakers.redis.slowCall=${REDIS_TIMEOUT}`,
    `datastores.postgres.maxConnections=${MAX_CONNECTIONS}`,
    `datastores.postgres.reserved=${RESERVED}`,
    'monitoring.kind=standalone',
    // There are no releases to withdraw.
    'release.guard.mode=off',
    ...limitsOf(service).map((path) => `${path}=${NEVER_REACHED}`),
    ...(pace.name === 'quick' ? quickly(service) : []),
    ...own,
    ...(unprotected ? protection.without : []),
  ];
}

/** Where a limit stands in a definition. */
function limitsOf({ limits, routes }: Service): readonly string[] {
  return [
    'limits.address',
    'limits.key',
    ...(limits.global ? ['limits.global'] : []),
    ...Object.entries(limits.tiers).flatMap(([tier, { routes: own }]) => [
      `limits.tiers.${tier}.limit`,
      ...Object.keys(own).map((route) => `limits.tiers.${tier}.routes.${route}`),
    ]),
    ...Object.entries(routes).flatMap(([id, { limit }]) => (limit ? [`routes.${id}.limit`] : [])),
  ];
}

function quickly({ monitoring }: Service): readonly string[] {
  return [
    ...['scrapeInterval', 'evaluationInterval', 'discoveryInterval'].map((each) => `${each}=${QUICK_INTERVAL}`),
    ...(['page', 'ticket'] as const).flatMap((severity) => [
      `notifications.${severity}.groupWait=0s`,
      `notifications.${severity}.groupInterval=1s`,
    ]),
    ...(monitoring.notifications.watchdog ? ['notifications.watchdog.repeatInterval=2s'] : []),
  ].map((setting) => `monitoring.${setting}`);
}
