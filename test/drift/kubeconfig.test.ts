import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { loadKubeconfig } from '../../infra/cluster/index.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-kubeconfig-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the file that KUBECONFIG names counts, and of several those that there are', () => {
  const [missing, first, second] = [join(folder, 'none'), written('a', config('one')), written('b', config('two'))];
  expect(server({ KUBECONFIG: first })).toBe('https://one');
  expect(server({ KUBECONFIG: [missing, second].join(delimiter) })).toBe('https://two');
});

test('without KUBECONFIG the file in the home folder counts', () => {
  mkdirSync(join(folder, '.kube'));
  written('.kube/config', config('home'));
  expect(server({})).toBe('https://home');
  expect(server({ KUBECONFIG: '' })).toBe('https://home');
});

test.each<[problem: string, variables: () => Record<string, string>, message: string]>([
  ['no kubeconfig', () => ({}), 'KUBECONFIG is not set, and'],
  [
    'no kubeconfig',
    () => ({ KUBECONFIG: '/nowhere/config' }),
    'KUBECONFIG names /nowhere/config, which does not exist',
  ],
  ['wrong kubeconfig', () => ({ KUBECONFIG: written('a', '{ broken') }), 'is no kubeconfig'],
  ['wrong kubeconfig', () => ({ KUBECONFIG: folder }), 'is no kubeconfig'],
  ['wrong kubeconfig', () => ({ KUBECONFIG: written('a', 'just text') }), 'has no current context'],
  [
    'wrong kubeconfig',
    () => ({ KUBECONFIG: written('a', config('one', { 'current-context': 'two' })) }),
    "means the context 'two', which it does not have; kubectl config use-context one",
  ],
  [
    'wrong kubeconfig',
    () => ({ KUBECONFIG: written('a', config('one', { clusters: [] })) }),
    "the cluster 'one' of context 'one' has no server",
  ],
])('%s: one message that says what is wrong', (problem, variables, message) => {
  expect(() => loadKubeconfig(variables(), folder)).toThrow(
    expect.objectContaining({ problem, message: expect.stringContaining(message) }),
  );
});

function server(variables: Readonly<Record<string, string>>): string | undefined {
  return loadKubeconfig(variables, folder).getCurrentCluster()?.server;
}

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function config(name: string, change: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}` } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: {} }],
    ...change,
  });
}
