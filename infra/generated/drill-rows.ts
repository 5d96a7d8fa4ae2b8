import { EXPERIMENTS, tripsOf, type Experiment, type MeansId } from '../../chaos/index.ts';

type Row = readonly string[];

/** Every experiment: what is believed, which alert it trips, what can do it, and without what it fails. */
export function experimentRows(): readonly Row[] {
  return EXPERIMENTS.map((experiment) => [
    `\`${experiment.id}\``,
    experiment.hypothesis,
    tripsOf(experiment).join(', '),
    BY.filter(([means]) => experiment.means[means])
      .map(([, name]) => name)
      .join(', '),
    experiment.protection.name,
  ]);
}

/** How long each link of each chain may take. */
export function chainRows(): readonly Row[] {
  return EXPERIMENTS.map(({ id, chain }) => [`\`${id}\``, inTime(chain, 'fault'), inTime(chain, 'revert')]);
}

const BY: readonly (readonly [MeansId, string])[] = [
  ['local', 'a laptop'],
  ['kubernetes', 'any cluster'],
  ['chaosMesh', 'Chaos Mesh'],
];

function inTime(chain: Experiment['chain'], begin: Experiment['chain'][number]['from']): string {
  return chain
    .filter(({ from }) => from === begin)
    .map(({ id, within }) => `${id} ${within}`)
    .join(', ');
}
