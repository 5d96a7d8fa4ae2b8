import type { Runner } from '../journal/index.ts';
import type { Sight } from './due.ts';

/** After which silence a runner counts as gone. It gives a sign of life every few seconds. */
export const GONE_AFTER_MS = 30_000;

/** Whether runners live, by the signs of life that change while somebody looks, and by the clock of whoever looks. */
export type Pulse = {
  /** Looks at what stands in the journal now. */
  readonly feel: (runner: Runner | undefined) => Sight['runner'];
};

/** Begins to look; `now` is monotonic, in milliseconds. */
export function createPulse({ now }: { readonly now: () => number }): Pulse {
  let seen: { readonly text: string; readonly at: number; readonly changed: boolean } | undefined;
  return {
    feel(runner) {
      const text = runner ? `${runner.id} ${runner.beat}` : '';
      const at = now();
      // Of what stood there at the first look nobody knows how old it is.
      if (seen?.text !== text) seen = { text, at, changed: seen !== undefined };
      if (at - seen.at >= GONE_AFTER_MS) return 'gone';
      return seen.changed ? 'alive' : 'unknown';
    },
  };
}
