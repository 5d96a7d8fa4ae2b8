import type { Router } from '../router.ts';
import { parseTarget } from '../target.ts';
import type { RoutedTarget } from '../targets.ts';

/** Targets remembered. */
const REMEMBERED = 2_000;
/** Longer ones are routed each time: few, and not worth their memory. */
const LONGEST = 512;

/**
 * Routes the targets of GET requests and remembers those whose answers may be kept. Throws as `parseTarget` and the
 * router do.
 */
export function createHitTargets(router: Router): (target: string) => RoutedTarget {
  const known = new Map<string, RoutedTarget>();
  return (target) => {
    const remembered = known.get(target);
    if (remembered) return remembered;
    // A part of a text keeps the whole in memory, here all that one client sent at once.
    const own = Buffer.from(target, 'latin1').toString('latin1');
    const { path, search } = parseTarget(own);
    const { route, params } = router('GET', path);
    const routed = { route, params, search, memo: {} };
    if (route.cacheFor === undefined || own.length > LONGEST) return routed;
    if (known.size >= REMEMBERED) known.clear();
    known.set(own, routed);
    return routed;
  };
}
