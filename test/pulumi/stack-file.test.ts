import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_FOLDER, readStackFile } from '../../infra/pulumi/stack-file.ts';
import { ENVIRONMENTS } from '../../service/definition/index.ts';

const NOTHING = { values: [], file: undefined, stack: undefined, output: 'kubeconfig', context: undefined };

describe.each(ENVIRONMENTS)('Pulumi.%s.yaml', (environment) => {
  const text = readFileSync(join(PROJECT_FOLDER, `Pulumi.${environment}.yaml`), 'utf8');

  test('is what Pulumi reads, decides nothing yet and holds no secret', () => {
    expect(parse(text)).toEqual({ config: { 'sluice:set': [] } });
    expect(readStackFile(environment)).toEqual(NOTHING);
  });

  test('what its comments say to fill in is read', () => {
    const filled = text.replaceAll(/^ {2}# (sluice:(?!kubeconfigStack|kubeconfigOutput))/gm, '  $1');
    expect(read(filled)).toEqual({
      ...NOTHING,
      values: ['image.digest=sha256:...'],
      file: `${environment}.kubeconfig`,
      context: environment,
    });
  });
});

test('values of the stack come before its digest', () => {
  const text =
    'config:\n  sluice:set: [scaling.max=8]\n  sluice:imageDigest: sha256:1\n  sluice:kubeconfigStack: a/b/c\n';
  expect(read(text)).toEqual({ ...NOTHING, values: ['scaling.max=8', 'image.digest=sha256:1'], stack: 'a/b/c' });
});

test('a stack without a file, or with an empty one, decides nothing', () => {
  expect(read('')).toEqual(NOTHING);
  expect(readStackFile('dev', '/nowhere')).toEqual(NOTHING);
});

function read(text: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stack-'));
  try {
    for (const environment of ENVIRONMENTS) writeFileSync(join(folder, `Pulumi.${environment}.yaml`), text);
    const [first, ...others] = ENVIRONMENTS.map((environment) => readStackFile(environment, folder));
    for (const other of others) expect(other).toEqual(first);
    return first;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
