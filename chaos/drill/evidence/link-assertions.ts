import type { Assertion } from '../../report/run.ts';
import { chainOf, titleOf } from '../names.ts';
import type { TrackedLink } from '../links.ts';
import type { Course } from './course.ts';
import { inSeconds } from './words.ts';

/** What became of each link of the chain. */
export function linkAssertions(course: Course): readonly Assertion[] {
  const { experiment, blind, timing, links } = course;
  return chainOf(experiment).map((link): Assertion => {
    const limit = timing.within(link) / 1000;
    const named = {
      id: link.id,
      title: `${titleOf(link)} after the ${link.from === 'fault' ? 'fault begins' : 'fault is over'}`,
      kind: link.expect.kind === 'steady' ? 'steady' : 'link',
      allowed: `within ${inSeconds(limit)}`,
      limit,
    } as const;
    const reason = blind.get(link.id);
    if (reason !== undefined) return { ...named, outcome: 'skipped', measured: 'nothing', reason };
    const tracked = links.find((each) => each.link.id === link.id);
    return { ...named, ...became(tracked, course) };
  });
}

function became(
  tracked: TrackedLink | undefined,
  { endedAt, aborted }: Course,
): Pick<Assertion, 'outcome' | 'measured' | 'value' | 'reason'> {
  const entry = tracked?.entry;
  if (!entry) {
    return { outcome: 'skipped', measured: 'nothing', reason: 'the run was broken off before its time began' };
  }
  if (entry.at !== undefined) {
    const value = (entry.at - entry.from) / 1000;
    return { outcome: entry.at <= entry.due ? 'held' : 'broke', measured: inSeconds(value), value };
  }
  const until = tracked.until ?? endedAt;
  if (aborted !== undefined && until < entry.due) {
    return { outcome: 'skipped', measured: 'nothing', reason: 'the run was broken off before its time was over' };
  }
  return { outcome: 'broke', measured: `not within ${inSeconds((until - entry.from) / 1000)}` };
}
