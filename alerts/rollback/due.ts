import type { Act } from './act.ts';
import type { Facts } from './facts.ts';
import type { Policy } from './policy.ts';
import type { State } from './state.ts';

/** What there is to do, the most urgent first: the difference between what a stored state wants and what there is. */
export function due(_state: State, _facts: Facts, _policy: Policy): readonly Act[] {
  throw new Error('not built yet');
}

/** The state once an act was done: it is owed no longer. The very same object for acts whose effect can be seen. */
export function settled(_state: State, _act: Act): State {
  throw new Error('not built yet');
}
