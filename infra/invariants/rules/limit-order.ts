import type { Service } from '../../../service/definition/index.ts';
import { brokenComparisons, type Comparison } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { laneLimits } from './limits/lane-limits.ts';
import { promises } from './limits/limit-promises.ts';
import { modelLimits } from './limits/model-limits.ts';
import { deadLimits } from './limits/route-limits.ts';

/**
 * Of limits that hold the same request, each denies something that no other does, and none breaks what another
 * promises:
 * - a route's limit binds for at least one kind of caller, and so does a caller's number of requests in flight;
 * - what everyone may do together holds what a single caller is promised, and the declared peak;
 * - a lane's numbers can be reached below what a pod takes in over all lanes, and that number below theirs;
 * - the streams that a worker holds leave a connection to ask for one that is then refused, instead of letting it wait;
 * - the tokens of models that a caller may use are fewer than what a provider admits of everybody;
 * - what a lane keeps for requests without upstream is at least one place in each worker.
 * A tier's own limit of a route may be as wide as it likes: so a tier is freed from the route's.
 */
export const limitOrder: Invariant = {
  id: 'limit-order',
  layers: ['traffic', 'gateway'],
  reason:
    'A limit that others always reach first looks like protection and is none: whoever counts on it learns so in an ' +
    'incident. And a promise to one caller that the limit of all cannot keep is broken by that caller alone, for everyone.',
  formula: 'each limit < what the limits around it let through; limit of all ≥ what a caller is promised, and the peak',
  example: { settings: ['resilience.maxInFlight=100000'] },
  compare,
  check: (service) => [...deadLimits(service), ...brokenComparisons(compare(service))],
};

function compare(service: Service): Comparison[] {
  return [...promises(service), ...laneLimits(service), ...modelLimits(service)];
}
