import type { Log } from '../../../service/telemetry/log.ts';
import type { Message } from '../tell.ts';
import type { ReleaseRecord } from '../record.ts';
import type { Outcome, Owed, State, Watch } from '../state.ts';

/** Writes a line for what a stored state changed of the one before: another phase, another release, another verdict. */
export function logChange(before: State, after: State, log: Pick<Log, 'info'>): void {
  for (const watch of endedBetween(before, after))
    log.info(
      { ...named(watch), outcome: watch.outcome, rule: watch.verdict?.rule, reason: watch.ending },
      'release ended',
    );
  const { phase, watch } = after;
  if (!watch || watch.outcome) return;
  const known = before.watch?.id === watch.id && before.phase === phase ? before.watch : undefined;
  if (known && known.verdict?.rule === watch.verdict?.rule) return;
  const { rule, reason } = watch.verdict ?? {};
  log.info(
    { ...named(watch), from: before.phase, to: phase, alert: watch.trigger?.name, rule, reason },
    `release ${phase}`,
  );
}

/** What ended with the change: also a release whose place another one took at once. */
export function endedBetween(before: State, after: State): readonly Watch[] {
  const known = new Set(before.owed.map(keyOf));
  return after.owed.flatMap((owed) => (owed.kind === 'record' && !known.has(keyOf(owed)) ? [owed.watch] : []));
}

const SEVERITIES: Readonly<Record<Outcome, Message['severity']>> = {
  proven: 'none',
  superseded: 'none',
  restored: 'ticket',
  'dry-run': 'ticket',
  failed: 'page',
  refused: 'page',
  inconclusive: 'page',
};

/** What the receiver is told of a release. */
export function messageOf({ hash, release, version, outcome, ending, endedAt }: ReleaseRecord): Message {
  return {
    name: 'ReleaseDecision',
    severity: SEVERITIES[outcome],
    labels: { outcome, pod_template_hash: hash },
    status: 'firing',
    summary: 'The guard has decided on a release',
    description: `Release ${release.id} (version ${version}) is ${outcome}: ${ending}`,
    startsAt: endedAt,
  };
}

function keyOf(owed: Owed): string {
  if (owed.kind === 'quarantine') return owed.release.id;
  return `${owed.kind}/${owed.kind === 'hand-over' ? owed.of : `${owed.watch.id}/${owed.watch.outcome}`}`;
}

function named({ hash, version, release }: Watch): object {
  return { hash, version, release: release.id };
}
