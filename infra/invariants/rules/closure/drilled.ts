import { EXPERIMENTS, type Experiment } from '../../../../chaos/index.ts';
import { isDrilled, type Service } from '../../../../service/definition/index.ts';
import type { Breach } from '../../finding.ts';
import { idsOf, named } from './artefacts.ts';

/** An experiment, as far as a definition names it. */
export type DrilledRow = Pick<Experiment, 'fits' | 'id' | 'means'>;

const PATH = 'drills.experiments';

/** Experiments that a definition asks for and that are not there, or that its environment cannot be drilled by. */
export function drilledBreaches(service: Service, experiments: readonly DrilledRow[] = EXPERIMENTS): readonly Breach[] {
  const { experiments: wanted } = service.drills;
  if (!isDrilled(service) || wanted === 'all') return [];
  return wanted.flatMap((id) => {
    const row = experiments.find((each) => each.id === id);
    if (!row) return named(PATH, id, idsOf(experiments), 'experiment', 'chaos/experiments');
    const why = whyNot(row, service);
    if (why === undefined) return [];
    const able = idsOf(experiments.filter((each) => whyNot(each, service) === undefined));
    return [
      {
        path: PATH,
        problem: `names the experiment '${id}', ${why}`,
        fixes: [{ edit: `leave it out; a drill of this environment has: ${able.join(', ')}` }],
      },
    ];
  });
}

function whyNot({ fits, means }: DrilledRow, service: Service): string | undefined {
  if (means.kubernetes === undefined && means.chaosMesh === undefined) return 'which only a laptop can do';
  return fits(service) ? undefined : 'whose fault has nothing here that it could be put into';
}
