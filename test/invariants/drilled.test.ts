import { describe, expect, test } from '@jest/globals';
import { EXPERIMENTS } from '../../chaos/index.ts';
import { checkService } from '../../infra/invariants/index.ts';
import { drilledBreaches } from '../../infra/invariants/rules/closure/drilled.ts';
import { definition, type Service } from '../../service/definition/index.ts';

/** Staging, as it is drilled, by some experiments. */
function drilledBy(...experiments: string[]): Service {
  const { drills } = definition.staging;
  return { ...definition.staging, drills: { ...drills, experiments } };
}

const told = (service: Service): string[] => drilledBreaches(service).map(({ path, problem }) => `${path}: ${problem}`);

const onCluster = EXPERIMENTS.filter(
  ({ fits, means }) => fits(definition.staging) && (means.kubernetes ?? means.chaosMesh),
);

describe('the experiments of a definition', () => {
  test('are all that fit, or some of these', () => {
    expect(told(definition.staging)).toEqual([]);
    expect(told(drilledBy(...onCluster.map(({ id }) => id)))).toEqual([]);
  });

  test('exist', () => {
    const [breach] = drilledBreaches(drilledBy('upstream-slwo'));

    expect(breach?.problem).toBe("names the experiment 'upstream-slwo', which does not exist");
    expect(JSON.stringify(breach?.fixes)).toContain('upstream-slow');
    expect(checkService(drilledBy('upstream-slwo')).map(({ rule }) => rule)).toEqual(['closure']);
  });

  test('can be done on a cluster', () => {
    expect(told(drilledBy('worker-killed', 'pod-kill'))).toEqual([
      "drills.experiments: names the experiment 'worker-killed', which only a laptop can do",
    ]);
  });

  test('have something to be put into', () => {
    const { upstream } = definition.staging;
    const without = { ...drilledBy('upstream-slow'), upstream: { ...upstream, deploy: false } };

    expect(told(without)).toEqual([
      "drills.experiments: names the experiment 'upstream-slow', whose fault has nothing here that it could be put into",
    ]);
  });

  test('are nobody’s concern where there are no drills', () => {
    const { drills, ...staging } = drilledBy('upstream-slwo');

    expect(told({ ...staging, drills: { ...drills, enabled: false } })).toEqual([]);
  });
});
