import type { Policy } from '../policy.ts';
import type { Sight } from '../sight.ts';
import type { State, Watch } from '../state.ts';

/** One step of a release in one phase; the very same state where nothing changes. */
export type Step = (state: State, watch: Watch, sight: Sight, policy: Policy) => State;
