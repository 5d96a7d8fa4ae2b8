import { toFraction, toPerSecond, toSeconds, type Service } from '../../../service/definition/index.ts';
import type { Run } from '../../report/run.ts';
import type { SentRequest } from '../load/request.ts';

/**
 * What a run took of the budget of errors. Bad is what failed at first with 5xx, declared shedding left out, and what
 * broke off: retries of clients hide nothing from the objective. `used` is bad ÷ (`slo.errors` × `load.lowest` ×
 * `slo.window`), the errors that the objective allows in its window to a service as quiet as it ever is: of a busier
 * one the run uses less.
 */
export function budgetOf(requests: readonly SentRequest[], { slo, load }: Service): Run['budget'] {
  const bad = requests.filter(({ first }) => first?.failure?.bad === true).length;
  const allowed = toFraction(slo.errors);
  const inWindow = toPerSecond(load.lowest) * toSeconds(slo.window);
  return { allowed, bad, requests: requests.length, used: bad / (allowed * inWindow) };
}
