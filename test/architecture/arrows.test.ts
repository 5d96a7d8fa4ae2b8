import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { cycles, foldersBelow, wrongArrows } from './arrows.ts';
import { importsOf, readImports, type ImportGraph } from './imports.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['service', 'alerts', 'dashboards', 'chaos', 'infra', 'test'];

describe('the imports of this project', () => {
  const graph = readImports(PROJECT, FOLDERS);

  test('are all read', () => {
    expect(graph.get('infra/cli/program.ts')).toContain('service/definition/index.ts');
    for (const folder of FOLDERS) expect([...graph.keys()].some((file) => file.startsWith(`${folder}/`))).toBe(true);
  });

  test('point the way that the layout allows', () => {
    expect(wrongArrows(graph)).toEqual([]);
  });

  test('run in no circle', () => {
    expect(cycles(graph)).toEqual([]);
  });

  test('run in no circle between the folders of the charts either', () => {
    const folders = foldersBelow('infra/charts/', graph);
    expect(folders.get('redis')).toContain('objects');
    expect(cycles(folders)).toEqual([]);
  });
});

describe('an arrow is wrong', () => {
  test.each<[from: string, to: string]>([
    ['service/definition/a.ts', 'service/telemetry/catalogue.ts'],
    ['service/telemetry/catalogue.ts', 'service/definition/a.ts'],
    ['service/definition/a.ts', 'service/gateway/a.ts'],
    ['service/gateway/a.ts', 'alerts/a.ts'],
    ['service/gateway/a.ts', 'dashboards/a.ts'],
    ['service/gateway/a.ts', 'chaos/a.ts'],
    ['service/gateway/a.ts', 'infra/a.ts'],
    ['alerts/a.ts', 'service/gateway/a.ts'],
    ['alerts/a.ts', 'dashboards/a.ts'],
    ['alerts/a.ts', 'infra/a.ts'],
    ['alerts/a.ts', 'alerts/rollback/a.ts'],
    ['alerts/rollback/a.ts', 'infra/a.ts'],
    ['chaos/a.ts', 'alerts/rollback/a.ts'],
    ['service/a.ts', 'alerts/rollback/a.ts'],
    ['dashboards/a.ts', 'alerts/a.ts'],
    ['dashboards/a.ts', 'service/telemetry/log.ts'],
    ['chaos/a.ts', 'dashboards/a.ts'],
    ['chaos/a.ts', 'service/gateway/a.ts'],
    ['chaos/a.ts', 'chaos/drill/a.ts'],
    ['chaos/faults/a.ts', 'chaos/drill/a.ts'],
    ['chaos/report/a.ts', 'chaos/drill/a.ts'],
    ['chaos/report/a.ts', 'service/gateway/a.ts'],
    ['chaos/drill/a.ts', 'infra/a.ts'],
    ['chaos/drill/a.ts', 'dashboards/a.ts'],
    ['alerts/rollback/a.ts', 'chaos/drill/a.ts'],
    ['infra/a.ts', 'test/a.ts'],
  ])('from %s to %s', (from, to) => {
    expect(wrongArrows(graphOf({ [from]: [to], [to]: [] }))).toEqual([`${from} -> ${to}`]);
  });

  test('to a file that does not exist, or beside the sources', () => {
    const graph = graphOf({ 'infra/a.ts': ['infra/gone.ts', 'package.json'] });
    expect(wrongArrows(graph)).toEqual(['infra/a.ts -> infra/gone.ts', 'infra/a.ts -> package.json']);
  });
});

test.each<[from: string, to: string]>([
  ['service/definition/a.ts', 'service/definition/b.ts'],
  ['service/gateway/a.ts', 'service/definition/a.ts'],
  ['service/gateway/a.ts', 'service/telemetry/catalogue.ts'],
  ['alerts/a.ts', 'service/telemetry/catalogue.ts'],
  ['alerts/rollback/a.ts', 'alerts/a.ts'],
  ['alerts/rollback/a.ts', 'service/telemetry/log.ts'],
  ['infra/a.ts', 'alerts/rollback/a.ts'],
  ['dashboards/a.ts', 'service/definition/a.ts'],
  ['chaos/a.ts', 'alerts/a.ts'],
  ['infra/a.ts', 'chaos/a.ts'],
  ['chaos/a.ts', 'chaos/faults/fault.ts'],
  ['chaos/drill/a.ts', 'chaos/faults/a.ts'],
  ['chaos/drill/a.ts', 'alerts/rollback/a.ts'],
  ['infra/a.ts', 'chaos/drill/a.ts'],
  ['test/a.ts', 'infra/a.ts'],
])('an arrow is allowed from %s to %s', (from, to) => {
  expect(wrongArrows(graphOf({ [from]: [to], [to]: [] }))).toEqual([]);
});

test('circles are found: two files, three files, a file that imports itself; a diamond is none', () => {
  expect(cycles(graphOf({ a: ['b'], b: ['a'] }))).toEqual([['a', 'b']]);
  expect(cycles(graphOf({ a: ['b'], b: ['c'], c: ['a'], d: ['a'] }))).toEqual([['a', 'b', 'c']]);
  expect(cycles(graphOf({ a: ['a'] }))).toEqual([['a']]);
  expect(cycles(graphOf({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
});

test('imports of every form are read, and none from comments or texts', () => {
  const text = `
    import { a } from './a.ts';
    import type { B } from '../b.ts';
    export * from './c.ts';
    const d = await import('./d.ts');
    type E = import('./e.ts').E;
    import fs from 'node:fs';
    // import './comment.ts';
    const text = "import './text.ts'";
  `;
  expect(importsOf('infra/cli/x.ts', text)).toEqual([
    'infra/cli/a.ts',
    'infra/b.ts',
    'infra/cli/c.ts',
    'infra/cli/d.ts',
    'infra/cli/e.ts',
  ]);
});

function graphOf(imports: Readonly<Record<string, readonly string[]>>): ImportGraph {
  return new Map(Object.entries(imports));
}
