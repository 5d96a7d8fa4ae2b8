import { toMilliseconds } from '../../../../service/definition/index.ts';
import type { Clock } from '../../clock.ts';
import { CHECKS, type Check, type PreflightContext } from './checks.ts';

/** What does not hold, and why. */
export type Obstacle = { readonly check: Check; readonly problem: string };

/** Looks at everything; every obstacle, none where all holds. What cannot be seen counts as one. */
export async function preflight(
  context: PreflightContext,
  checks: readonly Check[] = CHECKS,
): Promise<readonly Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const check of checks) {
    const problem = await check.look(context).catch((error: unknown) => `cannot be told: ${(error as Error).message}`);
    if (problem !== undefined) obstacles.push({ check, problem });
  }
  return obstacles;
}

/** An obstacle as a line. */
export function obstacleInWords({ check, problem }: Obstacle): string {
  return `${check.id}: ${check.sentence}: not so, ${problem}; ${check.fix}`;
}

/** How long what one experiment has stirred up may take to settle before the next, beside the guard's own times. */
const SETTLED_WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 3_000;

/** Waits until what must hold before each experiment does; what does not by then, or none. */
export async function settle(
  context: PreflightContext,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly Obstacle[]> {
  const checks = CHECKS.filter(({ each }) => each);
  const { watch, cooldown } = context.service.release;
  const deadline = clock.now() + SETTLED_WITHIN_MS + Math.max(toMilliseconds(watch), toMilliseconds(cooldown));
  for (;;) {
    const obstacles = await preflight(context, checks);
    if (obstacles.length === 0 || clock.now() >= deadline || signal.aborted) return obstacles;
    await clock.wait(LOOK_EVERY_MS, signal);
  }
}
