import type { Assertion, Verdict } from '../../report/run.ts';
import type { Course } from './course.ts';
import { listed } from './words.ts';

/** The share of requests that may be sent late before a reader is told. */
const LATE_SHARE = 0.05;

/** How a run ended, and why in a sentence: everything that was looked at held, or what did not. */
export function verdictOf(
  { aborted, fault, leftovers, requests }: Pick<Course, 'aborted' | 'fault' | 'leftovers' | 'requests'>,
  assertions: readonly Assertion[],
): { readonly verdict: Verdict; readonly reason: string } {
  const broken = assertions.filter(({ outcome }) => outcome === 'broke');
  const broke = broken.map(({ id, measured, allowed }) => `${id} (${measured}, allowed: ${allowed})`);
  const remarks = [
    ...skippedKinds(assertions),
    ...(leftovers.length > 0 ? [`Before it, ${listed(leftovers)} of an earlier drill was taken back.`] : []),
    ...lateLoad(requests),
  ];
  const said = (verdict: Verdict, sentence: string): { verdict: Verdict; reason: string } => ({
    verdict,
    reason: [sentence, ...remarks].join(' '),
  });
  if (aborted !== undefined) {
    const problem = fault?.takenBack.problem;
    const end = !fault
      ? 'no fault had been injected'
      : problem === undefined
        ? 'the fault was taken back'
        : `the fault may still be there: ${problem}`;
    const also = broke.length > 0 ? ` Until then ${listed(broke)} broke.` : '';
    return said('aborted', `The run was broken off because ${aborted}; ${end}.${also}`);
  }
  if (broke.length > 0) return said('failed', `The hypothesis does not hold: ${listed(broke)} broke.`);
  const held = assertions.filter(({ outcome }) => outcome === 'held').length;
  return said(
    'passed',
    `The hypothesis held: ${held} of ${assertions.length} assertions were looked at, and all held.`,
  );
}

/** Of which kinds nothing at all was looked at. */
function skippedKinds(assertions: readonly Assertion[]): readonly string[] {
  const names: Readonly<Record<Assertion['kind'], string>> = {
    link: 'links',
    bound: 'bounds',
    silent: 'alerts that must stay silent',
    guard: 'guard',
    steady: 'steady state',
    reverted: 'taking back',
  };
  const skipped = [
    ...Map.groupBy(
      assertions.filter(({ outcome }) => outcome === 'skipped'),
      ({ kind }) => kind,
    ),
  ];
  return skipped.map(([kind, of]) => {
    const all = assertions.filter((each) => each.kind === kind).length;
    const reasons = [...new Set(of.map(({ reason }) => reason ?? 'not told'))];
    return `Not looked at: ${names[kind]}, ${of.length} of ${all} (${reasons.join('; ')}).`;
  });
}

/** Where the drill itself came late so often that times tell of it. */
function lateLoad(requests: Course['requests']): readonly string[] {
  const late = requests.filter((request) => request.late).length;
  if (late <= LATE_SHARE * requests.length) return [];
  return [`Of ${requests.length} requests ${late} were sent late: this machine had too much to do to measure times.`];
}
