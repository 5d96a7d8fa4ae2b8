import { badOutsideDrills, eventsSince } from '../../../../alerts/burn.ts';
import { OBJECTIVES, type ObjectiveId } from '../../../../alerts/index.ts';
import { OPEN_PHASES } from '../../../../alerts/rollback/state.ts';
import { parseState, STORES } from '../../../../alerts/rollback/index.ts';
import { GATEWAY } from '../../../../alerts/rollback/release-of.ts';
import { gatewayOf } from '../../../../alerts/rollback/cluster/facts-of.ts';
import { isGuarded, toFraction, toMilliseconds, type Service } from '../../../../service/definition/index.ts';
import type { Sample } from '../../stand.ts';
import { openFaults, type JournalStore } from '../journal/index.ts';
import { ALLOWED_LABEL, DRILL } from '../names.ts';
import type { Place } from '../place.ts';
import { isInWindow } from './schedule.ts';

/** What a preflight looks at. */
export type PreflightContext = {
  readonly service: Service;
  readonly place: Place;
  readonly store: JournalStore;
  readonly query: (promql: string) => Promise<readonly Sample[]>;
  /** In milliseconds since 1970. */
  readonly now: () => number;
  /** Whether the schedule has started the drill; by hand it may begin at any time. */
  readonly bySchedule: boolean;
  /** The seat in the journal that is one's own; undefined: none was taken yet. */
  readonly seat: string | undefined;
};

/** One thing that must hold before anything is broken on purpose. */
export type Check = {
  readonly id: string;
  /** What must hold. */
  readonly sentence: string;
  /** What to do where it does not. */
  readonly fix: string;
  /** Whether it must hold again before each experiment of a drill; it is then waited for. */
  readonly each: boolean;
  /** What is wrong; undefined: it holds. Rejects where nobody can tell. */
  readonly look: (context: PreflightContext) => Promise<string | undefined>;
};

/** Whose budget counts: that of which reports tell the share that a run has used. */
const OBJECTIVE: ObjectiveId = 'errors';

const PRODUCTION = /(^|-)prod(uction)?($|-)/;

/** Everything that must hold, in the order in which it is looked at. */
export const CHECKS: readonly Check[] = [
  {
    id: 'not-production',
    sentence: 'the environment is not production, by its own name and by that of its namespace',
    fix: 'drill staging; production is never broken on purpose',
    each: false,
    look: ({ service: { environment, namespace } }) =>
      Promise.resolve(
        environment === 'prod' || PRODUCTION.test(namespace)
          ? `this is ${environment} in the namespace '${namespace}'`
          : undefined,
      ),
  },
  {
    id: 'namespace-allowed',
    sentence: 'the definition enables drills, and the namespace says that it may be drilled',
    fix: `set drills.enabled for the environment and deploy it, which labels its namespace ${ALLOWED_LABEL.key}=${ALLOWED_LABEL.value}`,
    each: false,
    async look({ service, place }) {
      if (!service.drills.enabled) return 'drills.enabled is false';
      const found = await place.connection.get(`/api/v1/namespaces/${place.namespace}`, 'get Namespace');
      const { labels = {} } =
        (found as { readonly metadata: { readonly labels?: Record<string, string> } } | undefined)?.metadata ?? {};
      const value = labels[ALLOWED_LABEL.key];
      return value === ALLOWED_LABEL.value ? undefined : `its label ${ALLOWED_LABEL.key} is ${value ?? 'missing'}`;
    },
  },
  {
    id: 'in-window',
    sentence: 'the drill begins within its window',
    fix: 'start it by hand, with: sluice drill --target cluster; or wait for its next time',
    each: false,
    look: ({ service: { drills }, bySchedule, now }) =>
      Promise.resolve(
        bySchedule && !isInWindow(drills, now())
          ? `its last time by '${drills.schedule}' (${drills.timeZone}) was more than ${drills.window} ago`
          : undefined,
      ),
  },
  {
    id: 'keeper-alive',
    sentence: 'the keeper runs, which alone injects faults and takes them back',
    fix: `see: kubectl describe deployment ${DRILL.keeper}`,
    each: true,
    async look({ place }) {
      const { status } = await place.require('Deployment', DRILL.keeper);
      const { readyReplicas = 0 } = (status ?? {}) as { readonly readyReplicas?: number };
      return readyReplicas > 0 ? undefined : `no pod of ${DRILL.keeper} is Ready`;
    },
  },
  {
    id: 'alone',
    sentence: 'nobody else drills',
    fix: 'wait for its end, or stop it by: sluice drill stop',
    each: false,
    async look({ store, seat }) {
      const { runner } = (await store.read()).journal;
      return runner && runner.id !== seat ? `${runner.by} does: ${runner.experiment ?? 'it begins'}` : undefined;
    },
  },
  {
    id: 'no-leftovers',
    sentence: 'no fault of an earlier drill is left',
    fix: 'take them back by: sluice drill stop',
    each: true,
    async look({ store }) {
      const open = openFaults((await store.read()).journal);
      return open.length === 0 ? undefined : open.map(({ id, state }) => `${id} is ${state}`).join(', ');
    },
  },
  {
    id: 'no-open-release',
    sentence: 'no release is under way or watched by the guard, and it may act',
    fix: 'wait until the guard is done with it, and its cooldown is over; see: sluice release status',
    each: true,
    async look({ place, service, now }) {
      const gateway = await place.require('Deployment', GATEWAY);
      if (!gatewayOf(gateway, []).isComplete) return 'the pods of the gateway are being replaced';
      if (!isGuarded(service)) return undefined;
      const { data = {} } = await place.require('ConfigMap', STORES.guard);
      const { phase, watch, lastRollbackAt = 0 } = parseState((data as Readonly<Record<string, string>>).state);
      if (OPEN_PHASES.includes(phase)) return `the guard is ${phase} with ${watch?.hash ?? 'a release'}`;
      const { cooldown } = service.release;
      const isCooling = now() - lastRollbackAt < toMilliseconds(cooldown);
      return isCooling ? `it went back less than ${cooldown} ago, and would not do so again` : undefined;
    },
  },
  {
    id: 'budget-left',
    sentence: 'enough of the error budget is left, what drills have used aside',
    fix: 'drill when users have had less to bear; drills.budgetLeft says how much must be left',
    // Its own experiments use some: that is what is left for.
    each: false,
    async look({ service, query }) {
      const { budgetLeft } = service.drills;
      const { budget, least } = OBJECTIVES[OBJECTIVE];
      const [bad, all] = await Promise.all([
        query(badOutsideDrills(OBJECTIVE, service)),
        query(eventsSince(OBJECTIVE, service.slo.window, service)),
      ]);
      const badOnes = sumOf(bad);
      // Of no requests there is no share, and of few a single failure is a large one: nobody had anything to bear.
      if (badOnes < least) return undefined;
      const share = 1 - badOnes / sumOf(all) / budget(service);
      if (share >= toFraction(budgetLeft)) return undefined;
      return `${(share * 100).toFixed(1)} % is left, and ${budgetLeft} must be`;
    },
  },
];

function sumOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}
