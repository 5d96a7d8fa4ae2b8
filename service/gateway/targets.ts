import type { ServedRoute, TargetMemo } from './exchange.ts';
import { UNMATCHED, type Router, type RouteMatch } from './router.ts';
import { parseTarget } from './target.ts';

/** What a method and a request target lead to. */
export type RoutedTarget = RouteMatch & { readonly search: string; readonly memo: TargetMemo };

/** Targets remembered for one method. */
const REMEMBERED = 2_000;
/** Longer targets are routed each time: few, and not worth their memory. */
const LONGEST = 512;

/**
 * Routes request targets. Callers repeat themselves: a target that led to a route once is neither parsed nor routed
 * again, if `keeps` says so of the route; default any but that of what matches none. Throws as `parseTarget` and the
 * router do.
 */
export function createTargets(
  router: Router,
  keeps: (route: ServedRoute) => boolean = ({ id }) => id !== UNMATCHED,
): (method: string, target: string) => RoutedTarget {
  const byMethod = new Map<string, Map<string, RoutedTarget>>();
  return (method, target) => {
    const known = byMethod.get(method);
    const remembered = known?.get(target);
    if (remembered) return remembered;
    // A part of a text keeps the whole in memory, which may be all that a client sent at once.
    const own = Buffer.from(target, 'latin1').toString('latin1');
    const { path, search } = parseTarget(own);
    const { route, params } = router(method, path);
    const routed = { route, params, search, memo: {} };
    if (!keeps(route) || own.length > LONGEST) return routed;
    const targets = known ?? new Map<string, RoutedTarget>();
    if (targets.size >= REMEMBERED) targets.clear();
    byMethod.set(method, targets.set(own, routed));
    return routed;
  };
}
