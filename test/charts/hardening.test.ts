import { describe, expect, test } from '@jest/globals';
import { synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { VARIATIONS } from '../support/variations.ts';
import { workloadsOf, type Workload } from '../support/workloads.ts';
import { OBJECT_RULES, type Whole } from './object-rules.ts';
import { POD_RULES, type PodRule } from './pod-rules.ts';

const WHOLES = VARIATIONS.map(({ name, service }) => {
  const { manifests, chaos, files } = synthesize(service);
  const whole: Whole = { objects: [...manifests, ...chaos], texts: [...files.values()], service };
  return { name, whole, workloads: workloadsOf(manifests) };
});

describe('every pod of every environment', () => {
  test('is looked at', () => {
    for (const { workloads } of WHOLES) expect(workloads.length).toBeGreaterThan(2);
  });

  test.each(POD_RULES)('$says', ({ holds }) => {
    const broken = WHOLES.flatMap(({ name, whole, workloads }) =>
      workloads.filter((workload) => !holds(workload, whole)).map((workload) => `${workload.name} of ${name}`),
    );

    expect(broken).toEqual([]);
  });

  test.each(POD_RULES)('is found out where it does not: $says', (rule) => {
    const { manifests } = synthesize(definition.prod);
    const spoilt = spoil(rule, manifests);

    expect(rule.holds(spoilt, { objects: manifests, service: definition.prod })).toBe(false);
  });
});

describe('of the objects of every environment', () => {
  test.each(OBJECT_RULES)('$says', ({ broken }) => {
    expect(WHOLES.map(({ name, whole }) => [name, broken(whole)])).toEqual(WHOLES.map(({ name }) => [name, []]));
  });

  test.each(OBJECT_RULES)('it is found out where not: $says', ({ broken, example }) => {
    const { namespace, name } = definition.prod;
    const { manifests } = synthesize(definition.prod);
    const labels = { 'app.kubernetes.io/part-of': name, 'app.kubernetes.io/managed-by': 'sluice' };
    const added: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Role',
      ...example,
      metadata: { name: 'added', namespace, labels, ...example.metadata },
    };

    expect(broken({ objects: [...manifests, added], texts: [], service: definition.prod })).not.toEqual([]);
  });
});

/** A workload of prod with the one change that breaks a rule. */
function spoil({ broken: [path, value], onJob = false }: PodRule, objects: readonly KubernetesObject[]): Workload {
  const sound = objects.find(({ kind, metadata }) =>
    onJob ? kind === 'CronJob' : metadata.name === 'gateway' && kind === 'Deployment',
  );
  const copy = structuredClone(sound) as unknown as Record<string, unknown>;
  const pod = onJob ? 'spec.jobTemplate.spec.template.spec' : 'spec.template.spec';
  const keys = (path.startsWith('/') ? path.slice(1) : `${pod}.${path}`).split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, copy);
  parent[last] = value;
  const [workload] = workloadsOf([copy as unknown as KubernetesObject]);
  if (!workload) throw new Error('nothing was spoilt');
  return workload;
}
