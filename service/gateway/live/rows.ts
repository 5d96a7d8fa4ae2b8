import type { Service } from '../../definition/index.ts';
import { selectionsOf, type Expression } from '../../telemetry/expression/index.ts';
import { GATEWAY_PANELS, type Panel } from '../../telemetry/panels/index.ts';

type PanelId = (typeof GATEWAY_PANELS)[number]['id'];

/** One line of the page. */
export type LiveRow = { readonly title: string; readonly panels: readonly Panel[] };

/** The page from top to bottom: what users notice, what protects them, what it runs on. */
const ROWS: readonly { readonly title: string; readonly panels: readonly PanelId[] }[] = [
  { title: 'Requests', panels: ['request-rate', 'error-ratio', 'latency', 'active-requests'] },
  {
    title: 'Requests, by route and answer',
    panels: ['answers', 'route-errors', 'route-latency', 'connections'],
  },
  { title: 'Room', panels: ['lanes', 'queues', 'shed', 'pool-use'] },
  { title: 'Limits', panels: ['limit-decisions', 'limit-denials', 'limit-trips', 'limit-forecast'] },
  { title: 'Cache', panels: ['cache-hit-ratio', 'cache-lookups', 'cache-levels', 'cache-events'] },
  {
    title: 'Upstream and breakers',
    panels: ['upstream-attempts', 'upstream-pools', 'breakers', 'breaker-transitions'],
  },
  {
    title: 'AI and streams',
    panels: [
      'ai-first-token',
      'ai-per-token',
      'ai-duration',
      'ai-overhead',
      'ai-tokens',
      'ai-cost',
      'provider-limit',
      'ai-attempts',
      'ai-refusals',
      'ai-cache',
      'streams',
    ],
  },
  {
    title: 'Runtime',
    panels: ['processor', 'event-loop', 'garbage', 'workers', 'memory', 'heap', 'cache-memory', 'releases'],
  },
  { title: 'What goes wrong beside', panels: ['store-errors', 'streams-cut', 'log-dropped', 'trace-spans'] },
];

/** Panels that hold pods against each other: one alone has nothing to say there. */
const OF_MANY_PODS: readonly string[] = ['pod-errors'] satisfies PanelId[];

/**
 * The rows of the page with the panels that a gateway can fill by itself. A panel that no row names stands in the last
 * one: nobody has to think of the page to add a panel.
 */
export function liveRows(service: Service, panels: readonly Panel[] = GATEWAY_PANELS): readonly LiveRow[] {
  const live = new Map(panels.filter((panel) => isLive(panel, service)).map((panel) => [panel.id, panel]));
  const named = new Set<string>(ROWS.flatMap((row) => row.panels));
  const others = [...live.values()].filter(({ id }) => !named.has(id));
  return ROWS.map((row, index) => ({
    title: row.title,
    panels: [...row.panels.flatMap((id) => live.get(id) ?? []), ...(index === ROWS.length - 1 ? others : [])],
  })).filter((row) => row.panels.length > 0);
}

/** Whether a gateway can draw a panel alone: of its own metrics, and no farther back than it remembers. */
export function isLive({ id, queries }: Panel, service: Service): boolean {
  return (
    !OF_MANY_PODS.includes(id) &&
    queries(service).every(
      (query) => selectionsOf(query).every(({ metric }) => metric.exporter === 'gateway') && !hasFixedWindow(query),
    )
  );
}

function hasFixedWindow(expression: Expression): boolean {
  switch (expression.kind) {
    case 'over':
      return expression.window !== undefined;
    case 'aggregate':
    case 'quantile':
      return hasFixedWindow(expression.of);
    case 'arithmetic':
    case 'comparison':
      return hasFixedWindow(expression.left) || hasFixedWindow(expression.right);
    case 'select':
    case 'number':
    case 'time':
      return false;
  }
}
