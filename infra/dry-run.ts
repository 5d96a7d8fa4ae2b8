import type { Service } from '../service/definition/index.ts';
import type { Finding } from './invariants/index.ts';

/** A guard that decides and does nothing, until a day. */
export type DryRun = {
  /** The last day, such as `2027-01-31`, in UTC. */
  readonly until: string;
  readonly isOver: boolean;
};

/** The dry run of an environment's guard; undefined where it acts or does not run. */
export function findDryRun({ release }: Pick<Service, 'release'>, now: Date): DryRun | undefined {
  const { mode, until } = release.guard;
  if (mode !== 'dry-run' || until === undefined) return undefined;
  return { until, isOver: now.toISOString().slice(0, until.length) > until };
}

/** A dry run in a line, for people. */
export function formatDryRun({ until, isOver }: DryRun): string {
  return isOver
    ? `the dry run of the guard is over since ${until}: nothing is withdrawn`
    : `dry run of the guard until ${until}: a bad release is told of and not withdrawn`;
}

/**
 * What is wrong with a dry run whose last day is over. No invariant, because it comes with the calendar: what is
 * synthesized must not differ from one day to the next, but nothing is checked or deployed as if it were well.
 */
export function dryRunFindings(service: Service, now: Date): readonly Finding[] {
  const dryRun = findDryRun(service, now);
  if (!dryRun?.isOver) return [];
  return [
    {
      rule: 'dry-run',
      environment: service.environment,
      layers: ['alerts'],
      path: 'release.guard.until',
      problem: `${now.toISOString().slice(0, dryRun.until.length)} is after ${dryRun.until}, the last day of the dry run of the guard`,
      reason: 'A guard that only decides protects nobody, and a dry run that nobody ends stays one.',
      fixes: [{ edit: "write release.guard.mode 'act' and leave release.guard.until out, or name a later day" }],
    },
  ];
}
