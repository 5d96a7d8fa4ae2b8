import { FORMAT, type Run } from '../../report/run.ts';
import { faultTitle } from '../fault-title.ts';
import { laneResults } from '../load/tally.ts';
import { assertionsOf } from './assertions.ts';
import { budgetOf } from './budget.ts';
import type { Course } from './course.ts';
import { seriesOf } from './series.ts';
import { verdictOf } from './verdict.ts';

/** What a run leaves behind, made from what happened in it. */
export function runRecord(course: Course): Run {
  const { experiment, stand, pace, fault, startedAt } = course;
  const { service } = stand;
  const assertions = assertionsOf(course);
  return {
    format: FORMAT,
    id: `${experiment.id}-${new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '')}`,
    experiment: experiment.id,
    hypothesis: experiment.hypothesis,
    blastRadius: experiment.blastRadius,
    target: stand.target,
    environment: service.environment,
    namespace: service.namespace,
    pace: pace.name,
    means: course.means,
    ...(course.unprotected && { without: experiment.protection.name }),
    seed: course.seed,
    versions: course.versions,
    startedAt,
    endedAt: course.endedAt,
    ...verdictOf(course, assertions),
    phases: course.phases,
    ...(fault?.injectedAt !== undefined && {
      fault: {
        title: faultTitle(experiment, course.means),
        injectedAt: fault.injectedAt,
        revertedAt: fault.takenBack.at,
      },
    }),
    assertions,
    timeline: course.links.flatMap(({ entry }) => entry ?? []),
    lanes: laneResults(course.requests),
    budget: budgetOf(course.requests, service),
    series: seriesOf(course.figures),
    leftovers: course.leftovers,
    repeat: repeatCommand(course),
  };
}

function repeatCommand({ experiment, stand, pace, seed, unprotected }: Course): string {
  const words = [
    `npx sluice drill --experiment ${experiment.id}`,
    stand.target === 'cluster' && `--target cluster --env ${stand.service.environment}`,
    pace.name === 'quick' && '--quick',
    unprotected && '--unprotected',
    `--seed ${seed}`,
  ];
  return words.filter((word) => word !== false).join(' ');
}
