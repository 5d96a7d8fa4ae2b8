import type { Experiment } from '../experiment.ts';
import { isTelling } from '../telling.ts';
import type { Clock } from './clock.ts';
import type { Transport } from './load/transport.ts';
import { scaleExpression } from './pace.ts';
import type { Pace, Stand } from './stand.ts';
import { ANSWER_LIMIT_MS, messageOf, within } from './within.ts';

/** What the steady state is read from. */
export type SteadyOptions = {
  readonly experiment: Experiment;
  readonly stand: Stand;
  readonly pace: Pace;
  readonly transport: Transport;
  readonly clock: Clock;
};

/** Everything that is not as the steady state has it, a line each; none: it holds. What cannot be seen is left out. */
export async function findRed({
  experiment,
  stand,
  pace,
  transport,
  clock,
}: SteadyOptions): Promise<readonly string[]> {
  const { service } = stand;
  const { queries, http } = experiment.steadyState;
  const isSeen = (kind: Parameters<Stand['blindTo']>[0]): boolean => stand.blindTo(kind) === undefined;
  const over = new AbortController();
  const check = async (what: string, look: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    try {
      return await within(clock, ANSWER_LIMIT_MS, look());
    } catch (error) {
      return [`${what}: ${messageOf(error)}`];
    }
  };
  const checks = [
    ...(isSeen('query') ? Object.entries(queries(service)) : []).map(([what, promql]) =>
      check(what, async () => {
        const samples = await stand.query(scaleExpression(promql, pace.factor));
        return samples
          .filter(({ value }) => value !== 0 && !Number.isNaN(value))
          .map(({ value }) => `${what}: ${value}`);
      }),
    ),
    ...http.map((path) =>
      check(path, async () => {
        const { status } = await transport.send({ method: 'GET', path, headers: {} }, over.signal);
        return status === 200 ? [] : [`${path} answers ${status}`];
      }),
    ),
    isSeen('alert') &&
      check('alerts', async () => {
        const firing = await stand.alerts();
        return firing.filter((alert) => isTelling(alert.alert, service)).map(({ alert }) => `alert ${alert} fires`);
      }),
    isSeen('pods-ready') &&
      check('pods', async () => {
        const { ready, wanted } = await stand.pods();
        return ready >= wanted ? [] : [`${ready} of ${wanted} pods of the gateway are Ready`];
      }),
    isSeen('breaker') &&
      check('breakers', async () => {
        const open = Object.entries(await stand.breakers()).filter(([, workers]) => workers > 0);
        return open.map(([breaker, workers]) => `breaker ${breaker} is open in ${workers} workers`);
      }),
  ];
  const red = (await Promise.all(checks.filter((each) => each !== false))).flat();
  // What took too long is not waited for any more.
  over.abort();
  return red;
}
