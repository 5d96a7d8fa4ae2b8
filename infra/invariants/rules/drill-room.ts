import { timingOf } from '../../../chaos/drill/deadlines.ts';
import { drilledModel } from '../../../chaos/drill/load/asks.ts';
import { demandOf, TRIES, usersFor } from '../../../chaos/drill/load/demand.ts';
import { FULL } from '../../../chaos/drill/pace.ts';
import { experimentsOf, type Experiment } from '../../../chaos/index.ts';
import {
  describeLimit,
  DRILL_TIER,
  isDrilled,
  toMilliseconds,
  toPerSecond,
  type Limit,
  type Service,
} from '../../../service/definition/index.ts';
import { narrowest, sustained } from '../../../service/definition/limit-bounds.ts';
import { brokenComparisons, counted, type Comparison } from '../comparison.ts';
import type { Breach, Fix, Invariant } from '../finding.ts';
import { above, perSecond, rounded, seconds, timeOf } from '../time.ts';

/** More users than this nobody would take for a drill: each has to log in, at the pace of that limit. */
const MOST_USERS = 20;

/** The limits leave the load of a drill through, and all of its experiments have time. */
export const drillRoom: Invariant = {
  id: 'drill-room',
  layers: ['traffic', 'gateway', 'drills'],
  reason:
    'A drill whose requests meet a limit finds out nothing about what it breaks, and is refused before it begins; one ' +
    'that is ended by its deadline never comes to its last experiments. Either way DrillMissed tells so five weeks later.',
  formula:
    'limits that hold the load of a drill ≥ twice what each experiment asks; drills.deadline ≥ the longest that all of them take',
  example: {
    edit: 'drills, with an hour for all experiments',
    breaches: (service) => check({ ...service, drills: { ...service.drills, enabled: true, deadline: '1h' } }),
  },
  compare,
  check,
};

/** The tier that a definition lacks, in words: no value can add a row. */
const ADD_TIER: Fix = {
  edit: `add a tier '${DRILL_TIER}' to limits.tiers, to which the key of a drill then belongs, with a limit and with routes that admit as much`,
};

function check(service: Service): readonly Breach[] {
  return brokenComparisons(compare(service)).map((breach) =>
    breach.fixes.length === 0 ? { ...breach, fixes: [ADD_TIER] } : breach,
  );
}

function compare(service: Service): Comparison[] {
  if (!isDrilled(service)) return [];
  const experiments = drilledBy(service);
  return [
    ...ofRoutes(service, experiments),
    ...ofCallers(service, experiments),
    ...ofModel(service, experiments),
    ofTime(service, experiments),
  ];
}

/** What a drill of the environment may run, whether Chaos Mesh is installed there or not. */
function drilledBy(service: Service): readonly Experiment[] {
  const { experiments: wanted } = service.drills;
  return experimentsOf(service).filter(
    ({ id, means }) => (means.kubernetes ?? means.chaosMesh) && (wanted === 'all' || wanted.includes(id)),
  );
}

type Held = {
  readonly path: string;
  /** Absent: nothing holds it. */
  readonly limit: Limit | undefined;
  readonly asked: (experiment: Experiment) => number;
  readonly fix: (requests: number) => readonly string[] | undefined;
};

function held({ path, limit, asked, fix }: Held, experiments: readonly Experiment[]): Comparison[] {
  const [first, ...others] = experiments;
  if (!first || !limit || limit.shadow) return [];
  const most = others.reduce((before, next) => (asked(next) > asked(before) ? next : before), first);
  const needed = asked(most);
  const admitted = sustained(narrowest(limit));
  return [
    {
      path,
      left: { value: admitted, text: `${rounded(admitted)}/s of ${path} (${describeLimit(limit)})` },
      required: '>=',
      right: {
        value: needed,
        text: `${TRIES} tries × ${rounded(needed / TRIES)}/s = ${rounded(needed)}/s that a drill asks by ${most.id}`,
      },
      unit: 'requests/s',
      fixes: [fix(needed)],
    },
  ];
}

function ofRoutes(service: Service, experiments: readonly Experiment[]): Comparison[] {
  const { limits, routes } = service;
  const demands = experiments.map((experiment) => demandOf(experiment, service));
  const asked = new Set(demands.flatMap((demand) => Object.keys(demand.routes)));
  const tier = limits.tiers[DRILL_TIER];
  return [...asked].flatMap((id) => {
    const own = tier?.routes[id];
    const replaced = `limits.tiers.${DRILL_TIER}.routes.${id}`;
    const row: Held = {
      path: own ? replaced : `routes.${id}.limit`,
      limit: own ?? routes[id]?.limit,
      asked: (experiment) => demandOf(experiment, service).routes[id] ?? 0,
      fix: (requests) => (tier ? [`${replaced}.window=${perSecond(requests)}`] : undefined),
    };
    return held(row, experiments);
  });
}

/** The model that drills ask, as its first provider admits it. */
function ofModel(service: Service, experiments: readonly Experiment[]): Comparison[] {
  const name = drilledModel(service);
  const [id, provider] = Object.entries(service.ai.providers).find(([, { models }]) => name in models) ?? [];
  const requests = provider?.models[name]?.requests;
  const chats = (experiment: Experiment): number => demandOf(experiment, service).routes.chat ?? 0;
  const most = experiments.toSorted((a, b) => chats(b) - chats(a))[0];
  if (id === undefined || requests === undefined || !most || chats(most) === 0) return [];
  const path = `ai.providers.${id}.models.${name}.requests`;
  return [
    {
      path,
      left: { value: toPerSecond(requests), text: `${requests} ${path}` },
      required: '>=',
      right: {
        value: chats(most),
        text: `${TRIES} tries × ${rounded(chats(most) / TRIES)}/s = ${rounded(chats(most))}/s that a drill asks by ${most.id}`,
      },
      unit: 'requests/s',
      fixes: [[`${path}=${perSecond(chats(most))}`]],
    },
  ];
}

function ofCallers(service: Service, experiments: readonly Experiment[]): Comparison[] {
  const { limits } = service;
  const tier = limits.tiers[DRILL_TIER];
  const ofKey: Held = {
    path: tier ? `limits.tiers.${DRILL_TIER}.limit` : 'limits.key',
    limit: tier?.limit ?? limits.key,
    asked: (experiment) => demandOf(experiment, service).key,
    fix: (requests) => tier && [widened(`limits.tiers.${DRILL_TIER}.limit`, tier.limit, requests)],
  };
  const ofAll: Held = {
    path: 'limits.global',
    limit: limits.global,
    asked: (experiment) => demandOf(experiment, service).total,
    fix: (requests) => limits.global && [widened('limits.global', limits.global, requests)],
  };
  return [...held(ofKey, experiments), ...held(ofAll, experiments), ofUsers(service, experiments)];
}

/** Sessions have the limit of their user, and no tier: the load is spread over so many users. */
function ofUsers(service: Service, experiments: readonly Experiment[]): Comparison {
  const { key } = service.limits;
  const users = usersFor(experiments, service);
  const most = Math.max(0, ...experiments.map((experiment) => demandOf(experiment, service).sessions));
  return {
    path: 'limits.key',
    left: {
      value: users,
      text: `${counted(users, 'user')} of a drill, for ${TRIES} tries × ${rounded(most / TRIES)}/s with sessions by limits.key (${describeLimit(key)})`,
    },
    required: '<=',
    right: { value: MOST_USERS, text: `${MOST_USERS} that a drill may log in` },
    unit: 'users',
    fixes: [[widened('limits.key', key, most / MOST_USERS)]],
  };
}

function ofTime(service: Service, experiments: readonly Experiment[]): Comparison {
  const { drills, release } = service;
  const longest = experiments.reduce((sum, experiment) => sum + longestOf(experiment, service), 0);
  const restored = experiments.filter(({ chain }) => chain.some(({ expect }) => expect.kind === 'guard')).length;
  const cooling = restored * toMilliseconds(release.cooldown);
  const deadline = timeOf('drills.deadline', drills.deadline);
  return {
    path: 'drills.deadline',
    left: deadline,
    required: '>=',
    right: {
      value: longest + cooling,
      text:
        `${seconds(longest)} that ${counted(experiments.length, 'experiment')} take at most + ` +
        `${restored} × ${release.cooldown} release.cooldown = ${seconds(longest + cooling)}`,
    },
    unit: 'ms',
    fixes: [[`drills.deadline=${above(longest + cooling)}`]],
  };
}

/** How long an experiment takes at most, in milliseconds: each link of its chain comes at the last moment. */
function longestOf(experiment: Experiment, service: Service): number {
  const { before, duration, grace, within } = timingOf(experiment, service, FULL);
  const after = experiment.chain.filter(({ from }) => from === 'revert').map(within);
  return before + duration + Math.max(0, ...after) + grace;
}

/** The value with which a limit admits so many requests per second. */
function widened(path: string, { bucket }: Limit, requests: number): string {
  return `${path}.${bucket ? 'bucket.refill' : 'window'}=${perSecond(requests)}`;
}
