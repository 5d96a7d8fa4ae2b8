import { describe, expect, test } from '@jest/globals';
import { due, type Sight } from '../../../../chaos/drill/cluster/keeper/due.ts';
import {
  EMPTY_JOURNAL,
  failedWish,
  type Done,
  type Journal,
  type Wish,
} from '../../../../chaos/drill/cluster/journal/index.ts';

const NOW = 1_000_000;
const RUNNER = { id: 'drill-1', by: 'drill-pod', beat: 3, experiment: 'redis-lost' };
const WISH: Wish = {
  id: 'wish-1',
  experiment: 'redis-lost',
  fault: { kind: 'scale-away', component: 'redis' },
  ttl: 60_000,
  requestedBy: 'drill-1',
};
const DONE: Done = {
  id: 'wish-1',
  experiment: 'redis-lost',
  state: 'injected',
  until: NOW + 60_000,
  undo: [],
  touched: [],
};

const journal = (fields: Partial<Journal> = {}): Journal => ({ ...EMPTY_JOURNAL, runner: RUNNER, ...fields });
const without = ({ runner: _, ...rest }: Journal): Journal => rest;
const sight = (fields: Partial<Sight> = {}): Sight => ({ now: NOW, runner: 'alive', working: new Set(), ...fields });
const takeBack = (why: unknown) => [{ kind: 'take-back', id: 'wish-1', why }];

describe('a wish', () => {
  test.each<[string, Journal, Sight, readonly object[]]>([
    ['is fulfilled for a runner that lives', journal({ wanted: [WISH] }), sight(), [{ kind: 'inject', wish: WISH }]],
    ['waits until its runner was seen to live', journal({ wanted: [WISH] }), sight({ runner: 'unknown' }), []],
    [
      'of a runner that has gone goes with it',
      journal({ wanted: [WISH] }),
      sight({ runner: 'gone' }),
      [{ kind: 'dismiss', runner: 'drill-1' }],
    ],
    ['of nobody is not fulfilled', without(journal({ wanted: [WISH] })), sight(), []],
    [
      'is not fulfilled once the kill switch was pulled',
      journal({ wanted: [WISH], stopped: { at: 1, by: 'me' } }),
      sight(),
      [],
    ],
    ['is not begun twice', journal({ wanted: [WISH] }), sight({ working: new Set(['wish-1']) }), []],
    ['is fulfilled once', journal({ wanted: [WISH], done: [DONE] }), sight(), []],
    ['that is over never comes again', journal({ wanted: [WISH], done: [{ ...DONE, state: 'over' }] }), sight(), []],
    [
      'waits while another fault is there',
      journal({ wanted: [{ ...WISH, id: 'wish-2' }, WISH], done: [DONE] }),
      sight(),
      [],
    ],
    [
      'does not wait for one that is over',
      journal({ wanted: [WISH, { ...WISH, id: 'wish-2' }], done: [{ ...DONE, state: 'over' }] }),
      sight(),
      [{ kind: 'inject', wish: { ...WISH, id: 'wish-2' } }],
    ],
  ])('%s', (_title, given, seen, expected) => expect(due(given, seen)).toEqual(expected));
});

describe('a fault', () => {
  const there = journal({ wanted: [WISH], done: [DONE] });

  test.each<[string, Journal, Sight, readonly object[]]>([
    ['stays while it is wanted', there, sight(), []],
    ['stays while nobody can tell yet whether its runner lives', there, sight({ runner: 'unknown' }), []],
    ['ends when it is wanted no more', journal({ done: [DONE] }), sight(), takeBack('it is wanted no more')],
    ['ends at its deadline', there, sight({ now: DONE.until }), takeBack('its deadline is over')],
    [
      'ends when its runner has gone',
      there,
      sight({ runner: 'gone' }),
      [...takeBack('drill-pod gives no sign of life'), { kind: 'dismiss', runner: 'drill-1' }],
    ],
    ['ends when there is no runner', without(there), sight(), takeBack('nobody drills any more')],
    [
      'ends when the kill switch is pulled',
      { ...there, stopped: { at: 1, by: 'me' } },
      sight(),
      takeBack('stopped by me'),
    ],
    ['is taken back once', journal({ done: [DONE] }), sight({ working: new Set(['wish-1']) }), []],
    [
      'whose taking back was broken off is taken back',
      journal({ wanted: [WISH], done: [{ ...DONE, state: 'reverting', why: 'stopped by me' }] }),
      sight(),
      takeBack('stopped by me'),
    ],
    [
      'that a keeper before was making is taken back',
      journal({ wanted: [WISH], done: [{ ...DONE, state: 'injecting' }] }),
      sight(),
      takeBack(expect.stringContaining('half-way')),
    ],
    [
      'that is being made goes on',
      journal({ wanted: [WISH], done: [{ ...DONE, state: 'injecting' }] }),
      sight({ working: new Set(['wish-1']) }),
      [],
    ],
    [
      'that is being made is broken off when it is wanted no more',
      journal({ done: [{ ...DONE, state: 'injecting' }] }),
      sight({ working: new Set(['wish-1']) }),
      [{ kind: 'break-off', id: 'wish-1', why: 'it is wanted no more' }],
    ],
  ])('%s', (_title, given, seen, expected) => expect(due(given, seen)).toEqual(expected));
});

describe('what is over', () => {
  const over: Done = { ...DONE, state: 'over' };

  test.each<[string, Journal, readonly object[]]>([
    ['is known as long as it is wanted', journal({ wanted: [WISH], done: [over] }), []],
    ['is forgotten then', journal({ done: [over] }), [{ kind: 'forget', id: 'wish-1' }]],
    ['is known to its runner where it failed', journal({ done: [failedWish('wish-1', 'no such thing')] }), []],
    [
      'is forgotten with its runner',
      without(journal({ done: [failedWish('wish-1', 'no such thing')] })),
      [{ kind: 'forget', id: 'wish-1' }],
    ],
  ])('%s', (_title, given, expected) => expect(due(given, sight())).toEqual(expected));
});

test('what ends comes before what begins', () => {
  const given = journal({
    wanted: [{ ...WISH, id: 'wish-2' }],
    done: [DONE, { ...DONE, id: 'wish-0', state: 'over' }],
  });

  expect(due(given, sight()).map(({ kind }) => kind)).toEqual(['take-back', 'forget']);
});
