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
      { title: 'Cache', panels: ['cache-hit-ratio', 'cache-lookups', 'cache-events', 'cache-memory'] },
      { title: 'Limits', panels: ['limit-decisions', 'limit-denials', 'limit-trips', 'limit-forecast'] },
      { title: 'Room', panels: ['lanes', 'queues', 'streams', 'shed'] },
      { title: 'Upstream and breakers', panels: ['upstream-attempts', 'breakers', 'breaker-transitions'] },
      { title: 'Stores', panels: ['store-errors', 'pool-use'] },
      { title: 'Release and memory', panels: ['releases', 'workers', 'memory', 'heap'] },
      { title: 'Processor', panels: ['processor', 'event-loop', 'garbage'] },
    ],
  },
  {
    id: 'stores',
    title: 'Stores',
    rows: [
      { title: 'Well', panels: ['redis-up', 'postgres-up', 'exporters-up', 'postgres-backup-age'] },
      { title: 'Redis', panels: ['redis-memory', 'redis-evictions', 'redis-clients'] },
      { title: 'Postgres', panels: ['postgres-connections', 'postgres-size'] },
    ],
  },
];
