import { describe, expect, test } from '@jest/globals';
import { fieldDifferences, pathOf, type FieldDifference } from '../../infra/diff/index.ts';

describe('fields of both sides', () => {
  test('are told at the greatest depth, sorted, with both values; what one side lacks is absent there', () => {
    const left = { spec: { replicas: 2, paused: true, same: [1] } };
    const right = { spec: { replicas: 3, same: [1], extra: { a: 1 } } };
    expect(told(fieldDifferences(left, right))).toEqual([
      { path: 'spec.extra', right: { a: 1 } },
      { path: 'spec.paused', left: true },
      { path: 'spec.replicas', left: 2, right: 3 },
    ]);
  });

  test('items of lists meet by what tells them apart, wherever they stand', () => {
    const left = { containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }, { name: 'b' }] };
    const right = { containers: [{ name: 'b' }, { name: 'a', env: [{ name: 'X', value: '2' }] }] };
    expect(told(fieldDifferences(left, right))).toEqual([
      { path: 'containers[a].env[X].value', left: '1', right: '2' },
    ]);
  });

  test('items that nothing tells apart meet by place, and lists of plain values are told whole', () => {
    const ports = (...numbers: number[]): unknown => numbers.map((port) => ({ rule: { port } }));
    expect(told(fieldDifferences({ ingress: ports(1, 2) }, { ingress: ports(1, 3, 4) }))).toEqual([
      { path: 'ingress[1].rule.port', left: 2, right: 3 },
      { path: 'ingress[2]', right: { rule: { port: 4 } } },
    ]);
    expect(told(fieldDifferences({ args: ['a', 'b'] }, { args: ['a', 'c'] }))).toEqual([
      { path: 'args', left: ['a', 'b'], right: ['a', 'c'] },
    ]);
  });

  test('text that holds a document is looked into, and of any other the lines that differ are told', () => {
    const left = { data: { 'a.json': '{\n"x": {"y": 1}}', 'a.yaml': 'x:\n  y: 1\n', 'a.conf': 'one\ntwo\nthree' } };
    const right = { data: { 'a.json': '{\n"x": {"y": 2}}', 'a.yaml': 'x:\n  y: 2\n', 'a.conf': 'one\nfour\nthree' } };
    expect(told(fieldDifferences(left, right))).toEqual([
      { path: 'data["a.conf"]', left: 'two', right: 'four' },
      { path: 'data["a.json"].x.y', left: 1, right: 2 },
      { path: 'data["a.yaml"].x.y', left: 1, right: 2 },
    ]);
  });
});

describe('fields that the left side sets', () => {
  test('what a server fills in, or leaves out because it is empty, is no difference', () => {
    const set = {
      spec: { ports: [{ name: 'http', port: 80 }], selector: {}, ingress: [], env: [{ name: 'A', value: '' }] },
    };
    const live = {
      spec: {
        ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30_000 }],
        type: 'ClusterIP',
        env: [{ name: 'A' }],
      },
      status: {},
    };
    expect(fieldDifferences(set, live, 'left')).toEqual([]);
  });

  test('a changed, removed or added item of a list that was set is one', () => {
    const set = {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    };
    const live = {
      env: [
        { name: 'A', value: '9' },
        { name: 'C', value: '3' },
      ],
    };
    expect(told(fieldDifferences(set, live, 'left'))).toEqual([
      { path: 'env[A].value', left: '1', right: '9' },
      { path: 'env[B]', left: { name: 'B', value: '2' } },
      { path: 'env[C]', right: { name: 'C', value: '3' } },
    ]);
  });

  test('amounts are compared by value', () => {
    const limits = (cpu: unknown, memory: unknown): unknown => ({ limits: { cpu, memory } });
    expect(fieldDifferences(limits('2000m', '1024Mi'), limits('2', '1Gi'), 'left')).toEqual([]);
    expect(told(fieldDifferences(limits('2000m', '1024Mi'), limits('2', '2Gi'), 'left'))).toEqual([
      { path: 'limits.memory', left: '1024Mi', right: '2Gi' },
    ]);
  });
});

function told(differences: readonly FieldDifference[]): readonly unknown[] {
  return differences.map(({ steps, ...sides }) => ({ path: pathOf(steps), ...sides }));
}
