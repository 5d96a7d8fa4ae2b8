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
      {
        title: 'Cache, limits, upstream',
        panels: ['cache-hit-ratio', 'cache-lookups', 'limit-decisions', 'upstream-attempts'],
      },
      { title: 'Stores', panels: ['store-errors', 'pool-use'] },
      { title: 'Release and processes', panels: ['releases', 'workers', 'memory', 'processor'] },
    ],
  },
];
