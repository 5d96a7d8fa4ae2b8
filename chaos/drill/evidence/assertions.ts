import type { Assertion } from '../../report/run.ts';
import { hasAlert } from '../deadlines.ts';
import { OWN_IDS, silentId } from '../names.ts';
import { TAKE_BACK_LIMIT_MS } from '../take-back.ts';
import { boundAssertions } from './bound-assertions.ts';
import type { Course } from './course.ts';
import { linkAssertions } from './link-assertions.ts';
import { inSeconds, listed } from './words.ts';

/** Outcomes of a release by which the guard has moved it, tried to, or would have. */
const MOVED = ['restored', 'failed', 'dry-run'];

/** Everything that had to hold of a run, in the order in which it is read. */
export function assertionsOf(course: Course): readonly Assertion[] {
  return [
    steadyBefore(course),
    ...linkAssertions(course),
    ...boundAssertions(course),
    ...silentAssertions(course),
    ...(course.experiment.guardIdle ? [guardIdle(course)] : []),
    reverted(course),
  ];
}

function steadyBefore({ greenAfter }: Course): Assertion {
  return {
    id: OWN_IDS.steadyBefore,
    title: 'steady state holds before the fault',
    kind: 'steady',
    outcome: 'held',
    measured: `green after ${inSeconds(greenAfter)}`,
    allowed: 'green',
  };
}

function silentAssertions({ experiment, stand, fault, watch }: Course): readonly Assertion[] {
  const { service } = stand;
  return experiment.mustNotTrip.map((alert): Assertion => {
    const named = {
      id: silentId(alert),
      title: `alert ${alert} stays silent`,
      kind: 'silent',
      allowed: 'silent',
    } as const;
    const blind = hasAlert(alert, service) ? stand.blindTo('alert') : `${service.environment} has no alert ${alert}`;
    const reason = blind ?? unseen(fault, watch.looks('alert'));
    if (reason !== undefined) return { ...named, outcome: 'skipped', measured: 'nothing', reason };
    const at = watch.fired.get(alert);
    if (at === undefined || !fault) return { ...named, outcome: 'held', measured: 'silent' };
    return {
      ...named,
      outcome: 'broke',
      measured: `fired ${inSeconds((at - fault.beganAt) / 1000)} after the fault began`,
    };
  });
}

function guardIdle({ stand, fault, watch }: Course): Assertion {
  const named = {
    id: OWN_IDS.guardIdle,
    title: 'guard leaves the release alone',
    kind: 'guard',
    allowed: 'no rollback',
  } as const;
  const reason = stand.blindTo('guard') ?? unseen(fault, watch.looks('guard'));
  if (reason !== undefined) return { ...named, outcome: 'skipped', measured: 'nothing', reason };
  const moves = [...watch.endings].filter((outcome) => MOVED.includes(outcome));
  if (moves.length === 0) return { ...named, outcome: 'held', measured: 'no rollback' };
  return { ...named, outcome: 'broke', measured: `a release ended as ${listed(moves)}` };
}

function reverted({ fault }: Course): Assertion {
  const named = {
    id: OWN_IDS.reverted,
    title: 'fault is taken back, nothing of it is left',
    kind: 'reverted',
  } as const;
  const limit = TAKE_BACK_LIMIT_MS / 1000;
  const allowed = `nothing left within ${inSeconds(limit)}`;
  if (!fault)
    return { ...named, outcome: 'skipped', measured: 'nothing', allowed, reason: 'the fault was never injected' };
  const { seconds, problem } = fault.takenBack;
  const measured = problem ?? `nothing left after ${inSeconds(seconds)}`;
  return { ...named, outcome: problem === undefined ? 'held' : 'broke', measured, allowed, value: seconds, limit };
}

function unseen(fault: Course['fault'], looks: number): string | undefined {
  if (!fault) return 'the fault was never injected';
  return looks === 0 ? 'nothing of it was seen since the fault began' : undefined;
}
