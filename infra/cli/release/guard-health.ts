import type { Freeze, Signs } from '../../../alerts/rollback/index.ts';
import { toMilliseconds, type Service } from '../../../service/definition/index.ts';
import { formatFreeze } from '../../cluster/freeze.ts';
import type { Leader } from './leader.ts';
import type { Place } from './place.ts';
import type { Stores } from './stores.ts';
import { lengthInWords } from './times.ts';

/** What is to be known of the guard before anything that it says. */
export type Finding = {
  readonly id: 'off' | 'store' | 'leader' | 'clock' | 'watchdog' | 'prometheus' | 'frozen' | 'dry-run';
  /** Whether a bad release would stay because of it. */
  readonly isBlind: boolean;
  readonly text: string;
};

/** Everything that is wrong with the guard itself, and what keeps it from acting, the worst first. */
export function guardFindings(
  { env, service }: Pick<Place, 'env' | 'service'>,
  stores: Stores,
  leader: Leader,
  now: number,
): readonly Finding[] {
  const { guard } = service.release;
  const freeze = freezeAt(stores.inbox, now);
  const off = guard.mode === 'off';
  const blind = (id: Finding['id'], text: string): Finding => ({ id, isBlind: !off, text });
  const note = (id: Finding['id'], text: string): Finding => ({ id, isBlind: false, text });
  const findings = [
    off && note('off', 'the guard is off in the definition (release.guard.mode): nothing judges a release'),
    ...(off && !stores.state ? [] : stores.problems.map((problem) => blind('store', problem))),
    !off && !leader.leads && blind('leader', `nobody leads the guard: ${leader.note ?? 'its Lease says nothing'}`),
    leader.leads && leader.note !== undefined && note('clock', leader.note),
    ...(off || !stores.signs ? [] : silences(service, stores.signs, now - (leader.skew ?? 0))),
    freeze && note('frozen', formatFreeze(env, freeze)),
    guard.mode === 'dry-run' && note('dry-run', dryRun(service)),
  ];
  return findings.filter((finding) => finding !== false && finding !== undefined);
}

/** Whether a bad release would stay. */
export function isBlind(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.isBlind);
}

/** A freeze that still lasts. */
export function freezeAt({ freeze }: Stores['inbox'], now: number): Freeze | undefined {
  return freeze && freeze.until > now ? freeze : undefined;
}

function silences({ release }: Service, signs: Signs, now: number): readonly Finding[] {
  const limit = toMilliseconds(release.guard.silence);
  const rows = [
    ['watchdog', 'the Watchdog of Alertmanager', signs.watchdog, 'no alert may reach the guard'],
    ['prometheus', 'Prometheus', signs.prometheus, 'nothing can be judged'],
  ] as const;
  return rows.flatMap(([id, name, at, effect]) => {
    if (now - at <= limit) return [];
    const since = at === 0 ? 'was never heard' : `has been silent for ${lengthInWords(now - at)}`;
    return [{ id, isBlind: true, text: `${name} ${since}, the limit is ${lengthInWords(limit)}: ${effect}` }];
  });
}

function dryRun({ release }: Service): string {
  const until = release.guard.until === undefined ? '' : ` until ${release.guard.until}`;
  return `dry run${until}: the guard decides and records, and withdraws nothing`;
}
