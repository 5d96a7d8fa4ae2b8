import { describeLimit, type Service } from '../../definition/index.ts';
import type { BreakerRow } from '../../resilience/index.ts';
// Not by the index, which loads the client of Redis.
import { routeName, tierName } from '../../limit/policy-sets.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Administration } from '../admin.ts';
import type { PrimaryMessage } from './messages.ts';

/** What the routes for people work with, in the primary. */
export type AdministrationOptions = {
  readonly service: Service;
  readonly log: Log;
  readonly tellAll: (message: PrimaryMessage) => void;
  /** Has one worker do something that concerns all pods. */
  readonly tellOne: (message: PrimaryMessage) => void;
};

/** The workers' breakers as they last reported them, and orders to the workers. */
export type WorkerAdministration = Administration & {
  breakers(): readonly WorkerBreakerRow[];
  limits(): readonly LimitRow[];
  /** Takes the newest rows of a worker. */
  update(worker: number, rows: readonly BreakerRow[]): void;
  /** A worker is gone. */
  retire(worker: number): void;
  /** What a worker that starts now has to be told; undefined: nothing was changed since the program began. */
  greeting(): PrimaryMessage | undefined;
};

/** A breaker of one worker. */
export type WorkerBreakerRow = BreakerRow & { readonly worker: number };

/** A limit as people read it, by the name that metrics have for it. */
export type LimitRow = {
  readonly limit: string;
  /** Whom it counts. */
  readonly of: string;
  readonly rule: string;
  readonly shadow: boolean;
  readonly whenStoreDown: string;
};

/** What people may look at and change in this pod. */
export function createAdministration({ service, log, tellAll, tellOne }: AdministrationOptions): WorkerAdministration {
  const breakers = new Map<number, readonly BreakerRow[]>();
  let greeting: PrimaryMessage | undefined;
  const rows = () => [...breakers].flatMap(([worker, each]) => each.map((row) => ({ worker, ...row })));
  return {
    update: (worker, each) => breakers.set(worker, each),
    retire: (worker) => breakers.delete(worker),
    breakers: rows,
    setBreaker(name, state) {
      if (!rows().some((row) => row.name === name)) return false;
      log.warn({ breaker: name, state }, 'breaker set by hand');
      tellAll({ type: 'set-breaker', name, state });
      return true;
    },
    limits: () => limitRows(service),
    invalidate(what) {
      log.warn({ what }, 'cache invalidated by hand');
      tellOne({ type: 'invalidate', what });
    },
    setLogLevel(level) {
      log.level = level;
      // One that takes the place of another knows only what the program was started with.
      greeting = { type: 'log-level', level };
      tellAll(greeting);
    },
    greeting: () => greeting,
  };
}

function limitRows({ limits, routes }: Service): LimitRow[] {
  const row = (limit: string, of: string, rule: Service['limits']['address']): LimitRow => ({
    limit,
    of,
    rule: describeLimit(rule),
    shadow: rule.shadow,
    whenStoreDown: rule.whenStoreDown,
  });
  return [
    row('address', 'each address', limits.address),
    row('key', 'each key or user', limits.key),
    ...(limits.global ? [row('global', 'everyone together', limits.global)] : []),
    ...Object.entries(limits.tiers).map(([tier, { limit }]) =>
      row(tierName(tier), `each key of the tier ${tier}`, limit),
    ),
    ...Object.entries(routes).flatMap(([id, { limit }]) =>
      limit ? [row(routeName(id), `each caller, on ${id}`, limit)] : [],
    ),
  ];
}
