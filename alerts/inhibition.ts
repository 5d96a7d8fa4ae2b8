import type { AlertId } from './table.ts';

/** What a label of an alert must be: a value (`=`), or one of several (`=~`, a regular expression of the whole value). */
export type LabelMatcher = { readonly label: string; readonly operator: '=' | '=~'; readonly value: string };

/** While an alert that `source` matches fires, nobody is told of one that `target` matches and that agrees in `equal`. */
export type Inhibition = {
  readonly why: string;
  readonly source: readonly LabelMatcher[];
  readonly target: readonly LabelMatcher[];
  readonly equal: readonly string[];
};

type Labels = Readonly<Record<string, string>>;

type Row = {
  readonly why: string;
  readonly cause: AlertId;
  /** Labels of the cause from which the symptoms follow; absent: whatever they are. */
  readonly when?: Labels;
  readonly symptoms: readonly AlertId[];
  /** Labels of those symptoms that follow from the cause; absent: whatever they are. */
  readonly where?: Labels;
  /** Labels beside `namespace` in which both agree. */
  readonly equal?: readonly string[];
};

const BURNS = ['ErrorsBurnFast', 'ErrorsBurnSlow', 'GatewayErrorsHigh'] as const;
const SLOWNESS = ['LatencyBurnFast', 'LatencyBurnSlow', 'GatewayLatencyHigh'] as const;

/** One cause wakes once. What the guard waits for, and the heartbeat, are never among the symptoms. */
const ROWS: readonly Row[] = [
  {
    why: 'without pods nothing is counted, and what still fires tells of before',
    cause: 'GatewayDown',
    symptoms: [
      ...BURNS,
      ...SLOWNESS,
      'AvailabilityBurnFast',
      'AvailabilityBurnSlow',
      'CacheHitsBurnSlow',
      'BudgetRunsOut',
      'GatewayScrapesFail',
      'RequestsShed',
      'BackgroundShed',
      'StoreFailing',
      'BreakerOpen',
      'PostgresPoolNearLimit',
      'EventLoopBlocked',
      'MemoryNearLimit',
      'MemoryGrows',
      'WorkersRestart',
      'ContainersRestart',
      'AutoscalerAtMax',
    ],
  },
  {
    why: 'calls of a Redis that is away fail, and what its exporter told last no longer holds',
    cause: 'RedisDown',
    symptoms: ['StoreFailing', 'RedisReplicaDown', 'RedisClientsNearLimit', 'RedisStateNearlyFull'],
    equal: ['store'],
  },
  {
    why: 'sessions answer 503 without their Redis, and its breaker is open',
    cause: 'RedisDown',
    when: { store: 'redis' },
    symptoms: BURNS,
  },
  {
    why: 'its breaker is that of limits and sessions',
    cause: 'RedisDown',
    when: { store: 'redis' },
    symptoms: ['BreakerOpen'],
    where: { breaker: 'redis' },
  },
  {
    why: 'its breaker is that of the cache',
    cause: 'RedisDown',
    when: { store: 'redis-cache' },
    symptoms: ['BreakerOpen'],
    where: { breaker: 'redis-cache' },
  },
  {
    why: 'a shared cache that is away hits nothing',
    cause: 'RedisDown',
    when: { store: 'redis-cache' },
    symptoms: ['CacheHitsBurnSlow'],
  },
  {
    why: 'without Postgres its calls fail, its breaker is open, and log-ins, orders and logs answer 503',
    cause: 'PostgresDown',
    symptoms: [...BURNS, 'PostgresPoolNearLimit', 'PostgresConnectionsNearLimit'],
  },
  {
    why: 'the store that fails is Postgres',
    cause: 'PostgresDown',
    symptoms: ['StoreFailing'],
    where: { store: 'postgres' },
  },
  {
    why: 'the breaker is that of Postgres',
    cause: 'PostgresDown',
    symptoms: ['BreakerOpen'],
    where: { breaker: 'postgres' },
  },
  {
    why: 'whoever is awake for the budget need not read that it burns slowly too',
    cause: 'ErrorsBurnFast',
    symptoms: ['ErrorsBurnSlow', 'GatewayErrorsHigh', 'BudgetRunsOut'],
    equal: ['slo'],
  },
  {
    why: 'the same of latency',
    cause: 'LatencyBurnFast',
    symptoms: ['LatencyBurnSlow', 'GatewayLatencyHigh', 'BudgetRunsOut'],
    equal: ['slo'],
  },
  {
    why: 'the same of availability',
    cause: 'AvailabilityBurnFast',
    symptoms: ['AvailabilityBurnSlow', 'BudgetRunsOut'],
    equal: ['slo'],
  },
  {
    why: 'background gives way before anything else is refused, and so much load takes every pod there may be',
    cause: 'RequestsShed',
    symptoms: ['AutoscalerAtMax', 'BackgroundShed'],
  },
  {
    why: 'what is near its limit has grown',
    cause: 'MemoryNearLimit',
    symptoms: ['MemoryGrows'],
    equal: ['pod'],
  },
  {
    why: 'connections that are nearly all taken have grown',
    cause: 'PostgresConnectionsNearLimit',
    symptoms: ['PostgresConnectionsGrow'],
  },
  {
    why: 'a volume that is nearly full has been filled',
    cause: 'PostgresNearlyFull',
    symptoms: ['DatabaseFills'],
  },
  {
    why: 'a guard that does not lead hears nothing and fails at what it tries',
    cause: 'GuardLeaderless',
    symptoms: ['GuardBlind', 'GuardRefusesAlerts', 'GuardFails'],
  },
  {
    why: 'what is refused does not arrive',
    cause: 'GuardBlind',
    when: { of: 'watchdog' },
    symptoms: ['GuardRefusesAlerts'],
  },
  {
    why: 'a question without an answer is something that could not be read',
    cause: 'GuardBlind',
    when: { of: 'prometheus' },
    symptoms: ['GuardFails'],
    where: { doing: 'read' },
  },
  {
    why: 'whoever is awake for a fault that nobody takes back knows that the keeper is away',
    cause: 'DrillFaultLeft',
    symptoms: ['DrillKeeperDown'],
  },
];

/** What silences what, for Alertmanager. */
export const INHIBITIONS: readonly Inhibition[] = ROWS.map(({ why, cause, when, symptoms, where, equal = [] }) => ({
  why,
  source: matchers([cause], when),
  target: matchers(symptoms, where),
  equal: ['namespace', ...equal],
}));

function matchers(alerts: readonly AlertId[], labels: Labels = {}): readonly LabelMatcher[] {
  return [
    { label: 'alertname', operator: alerts.length === 1 ? '=' : '=~', value: alerts.join('|') },
    ...Object.entries(labels).map(([label, value]): LabelMatcher => ({ label, operator: '=', value })),
  ];
}
