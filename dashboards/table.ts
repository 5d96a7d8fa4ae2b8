import type { DashboardId } from '../service/definition/index.ts';
import type { PanelId } from './panels.ts';

/** One dashboard. */
export type Dashboard = {
  readonly id: DashboardId;
  readonly title: string;
  /** When to look at it. */
  readonly description: string;
  /** Lines of panels from top to bottom; the panels of a line share its width. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelId[] }[];
};

/** Every dashboard. A panel may be on several: the overview shows first what the others look into. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    id: 'overview',
    title: 'Overview',
    description: 'What is wrong, whom it hurts and what it costs. The causes below lead to the other dashboards.',
    rows: [
      { title: 'Now', panels: ['alerts-firing', 'pods-up'] },
      { title: 'Objectives', panels: ['budget-left', 'objective-errors', 'objective-latency'] },
      { title: 'Requests', panels: ['answers', 'error-ratio', 'latency', 'active-requests'] },
      { title: 'Causes', panels: ['breakers', 'shed', 'store-errors', 'releases'] },
      { title: 'Room', panels: ['lanes', 'pool-use', 'cache-hit-ratio', 'memory'] },
      { title: 'Budgets', panels: ['burn-rate', 'budget-history'] },
    ],
  },
  {
    id: 'traffic',
    title: 'Traffic and limits',
    description: 'Which routes are asked, fail or are slow; who is refused, by which limit or for want of room.',
    rows: [
      { title: 'Routes', panels: ['request-rate', 'route-latency'] },
      { title: 'Failures', panels: ['route-errors', 'answers'] },
      { title: 'Limits', panels: ['limit-decisions', 'limit-denials', 'limit-trips', 'limit-forecast'] },
      { title: 'Room', panels: ['lanes', 'queues', 'shed'] },
      { title: 'Connections', panels: ['connections', 'active-requests', 'streams', 'streams-cut'] },
    ],
  },
  {
    id: 'cache',
    title: 'Cache',
    description: 'What the cache answers, from where, and what it keeps.',
    rows: [
      { title: 'Answers', panels: ['cache-hit-ratio', 'cache-lookups', 'cache-levels'] },
      { title: 'What is kept', panels: ['cache-events', 'cache-memory'] },
    ],
  },
  {
    id: 'upstreams',
    title: 'Upstreams and breakers',
    description: 'Whether what answers depend on works, and what the gateway leaves alone because it does not.',
    rows: [
      { title: 'Breakers', panels: ['breakers', 'breaker-transitions'] },
      { title: 'Upstream', panels: ['upstream-attempts', 'upstream-pools', 'latency'] },
    ],
  },
  {
    id: 'ai',
    title: 'AI',
    description: 'How fast models answer, what they use and cost, and what the provider still admits.',
    rows: [
      { title: 'Answers', panels: ['ai-first-token', 'ai-per-token', 'ai-duration', 'ai-overhead'] },
      { title: 'Use', panels: ['ai-tokens', 'ai-cost', 'provider-limit', 'ai-cache'] },
      { title: 'Providers', panels: ['ai-attempts', 'ai-refusals', 'ai-wait', 'ai-reserved'] },
    ],
  },
  {
    id: 'stores',
    title: 'Stores',
    description: 'Redis and Postgres, as they tell it themselves and as the gateway sees them.',
    rows: [
      { title: 'Well', panels: ['redis-up', 'postgres-up', 'exporters-up', 'postgres-backup-age'] },
      { title: 'As the gateway sees them', panels: ['store-errors', 'pool-use'] },
      { title: 'Redis', panels: ['redis-memory', 'redis-evictions', 'redis-clients'] },
      { title: 'Postgres', panels: ['postgres-connections', 'postgres-size', 'volumes'] },
    ],
  },
  {
    id: 'runtime',
    title: 'Runtime',
    description: 'Processor, memory and processes of the pods, and whether they still tell all that they should.',
    rows: [
      { title: 'Processor', panels: ['processor', 'event-loop', 'garbage'] },
      { title: 'Memory', panels: ['memory', 'heap', 'container-memory'] },
      { title: 'Processes', panels: ['workers', 'container-restarts', 'autoscaler', 'certificates'] },
      { title: 'What is told', panels: ['log-dropped', 'trace-spans', 'cluster-told'] },
    ],
  },
  {
    id: 'release',
    title: 'Release and rollback',
    description:
      'Which releases run, how each does, and what the guard made of them. Choose a version to see it alone.',
    rows: [
      { title: 'Now', panels: ['release-phase', 'release-outcome', 'release-times', 'release-held'] },
      { title: 'Releases', panels: ['releases', 'release-window', 'release-outcomes'] },
      { title: 'Each pod', panels: ['pod-errors', 'latency', 'workers'] },
      { title: 'Each release, as it is judged', panels: ['release-requests', 'release-errors', 'release-fast'] },
      { title: 'The withdrawn release', panels: ['withdrawn-errors', 'withdrawn-latency'] },
      { title: 'The guard', panels: ['guard-leads', 'guard-signs', 'guard-webhooks'] },
      { title: 'What it does', panels: ['guard-probes', 'guard-errors'] },
    ],
  },
  {
    id: 'drills',
    title: 'Drills',
    description: 'When faults were last rehearsed, how that ended, and what is broken on purpose now.',
    rows: [
      { title: 'Drills', panels: ['drill-age', 'drill-runs'] },
      { title: 'Now', panels: ['drill-active', 'drill-faults'] },
    ],
  },
];
