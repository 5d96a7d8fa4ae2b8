import type { PanelId } from './panels.ts';

/** One dashboard. */
export type Dashboard = {
  readonly id: string;
  readonly title: string;
  /** Lines of panels from top to bottom; the panels of a line share its width. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelId[] }[];
};

/** Every dashboard. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    id: 'overview',
    title: 'Overview',
    rows: [
      { title: 'Objectives', panels: ['objective-errors', 'objective-latency', 'pods-up'] },
      { title: 'Requests', panels: ['request-rate', 'error-ratio', 'latency', 'active-requests'] },
    ],
  },
  {
    id: 'traffic',
    title: 'Traffic and limits',
    rows: [
      { title: 'Limits', panels: ['limit-decisions', 'limit-denials', 'limit-trips', 'limit-forecast'] },
      { title: 'Room', panels: ['lanes', 'queues', 'shed'] },
      { title: 'Connections', panels: ['connections', 'streams', 'streams-cut'] },
    ],
  },
  {
    id: 'cache',
    title: 'Cache',
    rows: [
      { title: 'Answers', panels: ['cache-hit-ratio', 'cache-lookups', 'cache-levels'] },
      { title: 'What is kept', panels: ['cache-events', 'cache-memory'] },
    ],
  },
  {
    id: 'upstreams',
    title: 'Upstreams and breakers',
    rows: [
      { title: 'Upstream', panels: ['upstream-attempts'] },
      { title: 'Breakers', panels: ['breakers', 'breaker-transitions'] },
    ],
  },
  {
    id: 'ai',
    title: 'AI',
    rows: [
      { title: 'Answers', panels: ['ai-first-token', 'ai-per-token', 'ai-duration', 'ai-overhead'] },
      { title: 'Use', panels: ['ai-tokens', 'ai-cost', 'provider-limit'] },
    ],
  },
  {
    id: 'stores',
    title: 'Stores',
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
    rows: [
      { title: 'Processor', panels: ['processor', 'event-loop', 'garbage'] },
      { title: 'Memory', panels: ['memory', 'heap', 'container-memory'] },
      { title: 'Processes', panels: ['workers', 'container-restarts', 'autoscaler', 'certificates'] },
      { title: 'What is told', panels: ['log-dropped', 'trace-spans'] },
    ],
  },
  {
    id: 'release',
    title: 'Release and rollback',
    rows: [{ title: 'Releases', panels: ['releases', 'rollbacks'] }],
  },
  {
    id: 'drills',
    title: 'Drills',
    rows: [{ title: 'Drills', panels: ['drill-age', 'drill-active'] }],
  },
];
