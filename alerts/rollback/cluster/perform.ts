import type { Act } from '../act.ts';
import type { ActContext } from './act-context.ts';
import { announceEnd, announceRestore } from './announce.ts';
import { handOver } from './hand-over.ts';
import { dropCompanion, keepCompanion } from './keep-companion.ts';
import { putBack, restore } from './restore.ts';
import { writeQuarantine } from './write-quarantine.ts';
import { writeRecord } from './write-record.ts';

type Performer<Kind extends Act['kind']> = (
  context: ActContext,
  act: Extract<Act, { readonly kind: Kind }>,
) => Promise<void>;

/** How each act is done. Every one may be done again. */
const PERFORMERS: { readonly [Kind in Act['kind']]: Performer<Kind> } = {
  restore: async (context, act) => {
    if (await restore(context, act)) await announceRestore(context, act.from, act.target);
  },
  'put-back': putBack,
  'hand-over': handOver,
  'keep-baseline': (context, { of, pods }) => keepCompanion(context, { as: 'baseline', of, pods }),
  'drop-baseline': (context) => dropCompanion(context, 'baseline'),
  'keep-withdrawn': (context, { of, until }) => keepCompanion(context, { as: 'withdrawn', of, pods: 1, until }),
  'drop-withdrawn': (context) => dropCompanion(context, 'withdrawn'),
  quarantine: writeQuarantine,
  record: (context, { record }) => writeRecord(context, record),
  // The receiver is told by the guard itself; here it is the cluster.
  tell: (context, { record }) => announceEnd(context, record.outcome, record.ending),
};

/** Does one act in the cluster. Throws a ClusterError when it could not be done. */
export async function perform(context: ActContext, act: Act): Promise<void> {
  await (PERFORMERS[act.kind] as Performer<Act['kind']>)(context, act);
}
