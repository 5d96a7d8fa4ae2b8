import { expect, test } from '@jest/globals';
import {
  EMPTY_JOURNAL,
  formatJournal,
  parseJournal,
  type Journal,
} from '../../../../chaos/drill/cluster/journal/index.ts';

const WISH = {
  id: 'wish-1',
  experiment: 'redis-lost',
  fault: { kind: 'scale-away', component: 'redis' },
  ttl: 60_000,
  requestedBy: 'me',
};
const FULL: Journal = {
  ...EMPTY_JOURNAL,
  runner: { id: 'drill-1', by: 'a pod', beat: 2, experiment: 'redis-lost' },
  wanted: [WISH as Journal['wanted'][number]],
  done: [
    {
      id: 'wish-1',
      experiment: 'redis-lost',
      state: 'reverting',
      until: 5,
      undo: [
        { kind: 'replicas', workload: 'StatefulSet', name: 'redis', from: 0, to: 1 },
        {
          kind: 'proxy',
          pod: 'drill-proxy-redis',
          services: ['drill-target-redis'],
          turned: { service: 'redis', selector: { a: 'b' } },
        },
        { kind: 'configuration', good: 'gateway-config-1', bad: 'gateway-config-2' },
        { kind: 'object', apiVersion: 'chaos-mesh.org/v1alpha1', of: 'PodChaos', name: 'wish-1' },
      ],
      touched: ['a pod'],
      why: 'it is wanted no more',
    },
  ],
  stopped: { at: 3, by: 'me' },
  lastSuccess: 4,
};

test('what was never written is an empty journal', () => {
  expect(parseJournal(undefined)).toEqual({ journal: EMPTY_JOURNAL, unusable: [] });
});

test('a journal is read as it was written', () => {
  expect(parseJournal(formatJournal(FULL))).toEqual({ journal: FULL, unusable: [] });
});

test.each<[string, object, RegExp]>([
  ['an unknown fault', { fault: { kind: 'earthquake' } }, /fault.*knows/],
  ['a fault on what nobody may touch', { fault: { kind: 'scale-away', component: 'guard' } }, /fault/],
  [
    'a fault with a field that nobody knows',
    { fault: { kind: 'kill-pod', component: 'gateway', force: true } },
    /fault/,
  ],
  ['a fault without an end', { ttl: 1e12 }, /ttl/],
  ['an id that is none', { id: '../evil' }, /id/],
])('a wish with %s is refused, and the others are not', (_title, fields, problem) => {
  const text = JSON.stringify({ ...FULL, wanted: [{ ...WISH, id: 'wish-2', ...fields }, WISH] });

  const { journal, unusable } = parseJournal(text);

  expect(journal.wanted).toEqual([WISH]);
  expect(unusable).toEqual([{ id: 'id' in fields ? undefined : 'wish-2', problem: expect.stringMatching(problem) }]);
});

test.each([
  ['no JSON', '{', /no JSON/],
  ['another format', JSON.stringify({ ...FULL, format: 2 }), /another version/],
  ['an unknown field', JSON.stringify({ ...FULL, extra: 1 }), /extra/],
  [
    'a way back that nobody knows',
    JSON.stringify({ ...FULL, done: [{ ...FULL.done[0], undo: [{ kind: 'prayer' }] }] }),
    /undo/,
  ],
])('a journal with %s is refused as a whole', (_title, text, problem) => {
  expect(() => parseJournal(text)).toThrow(problem);
});

test('nothing is written that could not be read again', () => {
  const journal = { ...FULL, wanted: [{ ...WISH, ttl: 1 }] } as Journal;

  expect(() => formatJournal(journal)).toThrow(/wish-1 cannot be written/);
});
