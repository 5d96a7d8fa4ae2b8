import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inChangedProject, sluice } from './sluice.ts';

const SAME = ['diff', '--env', 'prod', '--against', 'prod'];
const SET = ['--set', 'scaling.cpu=50%'];

test('diff tells in words which values and which fields of objects differ', () => {
  const run = sluice([...SAME, ...SET]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toBe(`1 value of the definition differs
  scaling
    scaling.cpu: 50% in prod as set, 65% in prod
2 objects differ
  ConfigMap gateway-config-HASH
    data["service.json"].scaling.cpu: 50% in prod as set, 65% in prod
  HorizontalPodAutoscaler gateway
    spec.metrics[Resource].resource.target.averageUtilization: 50 in prod as set, 65 in prod
`);
});

test('--json has path and both values, null where a side has none', () => {
  const run = sluice(['diff', '--env', 'staging', '--against', 'prod', '--json']);
  const document = JSON.parse(run.stdout) as { values: unknown[]; objects: unknown[] };
  expect(run.code).toBe(0);
  expect(document).toMatchObject({ env: 'staging', against: 'prod' });
  expect(document.values).toContainEqual({ change: 'changed', path: 'upstream.deploy', env: true, against: false });
  expect(document.objects).toContainEqual({ change: 'added', kind: 'Deployment', name: 'upstream', fields: [] });
});

test('differences end with 1 only when --exit-code asks for it', () => {
  expect(sluice([...SAME, '--exit-code']).code).toBe(0);
  expect(sluice([...SAME, ...SET, '--exit-code']).code).toBe(1);
});

test.each([
  ['diff', '--env', 'dev', '--against', 'cluster'],
  ['refresh', '--env', 'dev', '--expect-no-changes'],
])('%s without a cluster says what is missing', (...args) => {
  const run = sluice(args, { env: { HOME: '/nowhere' } });
  expect(run).toMatchObject({ code: 69, stdout: '' });
  expect(run.stderr).toMatch(/^error: no cluster: KUBECONFIG is not set, and .* does not exist; set KUBECONFIG .*\n$/);
});

test.each([
  ['diff', '--env', 'dev', '--against', 'cluster'],
  ['refresh', '--env', 'dev', '--expect-no-changes'],
  ['refresh', '--env', 'dev', '--yes'],
])('%s with a wrong kubeconfig is wrong usage', (...args) => {
  const run = sluice(args, { env: { KUBECONFIG: '/' } });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^error: KUBECONFIG: \/ is no kubeconfig/);
});

test('what runs is compared with what the file of the stack makes of the definition, on its cluster', () => {
  inChangedProject(
    'package.json',
    (text) => `${text}\n`,
    (project) => {
      const file = join(project, 'Pulumi.dev.yaml');
      const commands = [
        ['diff', '--env', 'dev', '--against', 'cluster'],
        ['refresh', '--env', 'dev', '--expect-no-changes'],
      ];
      for (const command of commands) {
        writeFileSync(file, 'config:\n  sluice:set: [scaling.max=0]\n');
        expect(sluice(command, { project })).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(
            /^error: sluice:set of Pulumi\.dev\.yaml does not fit the definition:\n {2}scaling\.max/,
          ),
        });
        writeFileSync(file, 'config:\n  sluice:kubeconfigFile: nowhere.yaml\n');
        expect(sluice(command, { project })).toMatchObject({
          code: 69,
          stderr: expect.stringContaining('nowhere.yaml'),
        });
        expect(sluice([...command, '--context', 'other'], { project })).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/^error: --context and sluice:kubeconfigFile of Pulumi\.dev\.yaml both say/),
        });
      }
    },
  );
});

test('two environments are on no cluster', () => {
  const run = sluice([...SAME, '--context', 'other']);
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('--against cluster') });
});
