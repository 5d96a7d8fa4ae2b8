import { toPerSecond, type Rate, type Service } from '../../../service/definition/index.ts';
import { narrowest, sustained } from '../../../service/definition/limit-bounds.ts';
import type { Ask, Experiment } from '../../experiment.ts';
import { ASKS } from './asks.ts';

/** What a load asks of the limits, in requests per second where all of it fails and is tried again. */
export type Demand = {
  readonly total: number;
  /** With the key of the drill. */
  readonly key: number;
  /** Of these, by the name of the route. */
  readonly routes: Readonly<Record<string, number>>;
  /** With sessions, all together. */
  readonly sessions: number;
};

/** How often a request is sent that fails: a client has one retry. */
export const TRIES = 2;

/** The demand of an experiment. What no limit holds is left out. */
export function demandOf({ load }: Pick<Experiment, 'load'>, { routes }: Pick<Service, 'routes'>): Demand {
  const asked = Object.entries(load).flatMap(([name, rate]) => askedBy(name as Ask, rate));
  const limited = asked.filter(({ route }) => routes[route]?.limited !== false);
  const withKey = limited.filter(({ as }) => as === 'key');
  const byRoute = Map.groupBy(withKey, ({ route }) => route);
  return {
    total: sumOf(limited),
    key: sumOf(withKey),
    routes: Object.fromEntries([...byRoute].map(([route, rows]) => [route, sumOf(rows)])),
    sessions: sumOf(limited.filter(({ as }) => as === 'session')),
  };
}

/** How many users it takes so that the limit of none denies what an experiment asks; at least one. */
export function usersFor(experiments: readonly Pick<Experiment, 'load'>[], service: Service): number {
  const { limits } = service;
  if (limits.key.shadow) return 1;
  const most = Math.max(0, ...experiments.map((experiment) => demandOf(experiment, service).sessions));
  return Math.max(1, Math.ceil(most / sustained(narrowest(limits.key))));
}

type Asked = { readonly route: string; readonly as: string; readonly perSecond: number };

function askedBy(ask: Ask, rate: Rate): readonly Asked[] {
  const { route, as, after } = ASKS[ask];
  return [{ route, as, perSecond: TRIES * toPerSecond(rate) }, ...(after === undefined ? [] : askedBy(after, rate))];
}

function sumOf(asked: readonly Asked[]): number {
  return asked.reduce((sum, { perSecond }) => sum + perSecond, 0);
}
