import type { Outcome } from '../state.ts';
import type { ActContext } from './act-context.ts';
import { create, FIELD_MANAGER } from './changes.ts';
import { ClusterError } from './errors.ts';

/** What an event is called, and whether somebody should look. */
type Announcement = { readonly reason: string; readonly type: 'Normal' | 'Warning'; readonly action: string };

/** What is announced of an end; the others are seen in the Deployment itself. */
const ENDS: Readonly<Record<Outcome, Announcement | undefined>> = {
  proven: undefined,
  superseded: undefined,
  restored: { reason: 'ReleaseRestored', type: 'Normal', action: 'Restore' },
  failed: { reason: 'ReleaseNotRestored', type: 'Warning', action: 'Restore' },
  refused: { reason: 'RollbackRefused', type: 'Warning', action: 'Refuse' },
  inconclusive: { reason: 'ReleaseInconclusive', type: 'Warning', action: 'Refuse' },
  'dry-run': { reason: 'WouldRollBack', type: 'Warning', action: 'Refuse' },
};

const NOTE_LIMIT = 1024;
const RANDOM_DIGITS = 10;

/** Tells how a release ended in an Event on the gateway's Deployment, for whoever describes it. */
export async function announceEnd(context: ActContext, outcome: Outcome, ending: string): Promise<void> {
  const announcement = ENDS[outcome];
  if (announcement) await announce(context, announcement, ending);
}

/** Tells that a release is being replaced. */
export async function announceRestore(context: ActContext, from: string, target: string): Promise<void> {
  const announcement: Announcement = { reason: 'ReleaseWithdrawn', type: 'Warning', action: 'Restore' };
  await announce(context, announcement, `revision ${from} is withdrawn; ${target} is restored in its place`);
}

/** Best effort: whatever it tells of is done, and recorded elsewhere. */
async function announce(
  { connection, paths, namespace, reading }: ActContext,
  { reason, type, action }: Announcement,
  note: string,
): Promise<void> {
  if (!reading) return;
  const { apiVersion, kind, metadata } = reading.deployment;
  const random = crypto.randomUUID().replaceAll('-', '').slice(0, RANDOM_DIGITS);
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${metadata.name}.${random}`, namespace },
    eventTime: new Date().toISOString().replace('Z', '000Z'),
    reportingController: FIELD_MANAGER,
    reportingInstance: FIELD_MANAGER,
    action,
    reason,
    type,
    note: note.slice(0, NOTE_LIMIT),
    regarding: { apiVersion, kind, name: metadata.name, namespace, uid: metadata.uid },
  };
  try {
    await create(connection, paths.events, event);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
  }
}
