import { describe, expect, test } from '@jest/globals';
import {
  addEvent,
  EMPTY_STATE,
  formatInbox,
  formatSigns,
  formatState,
  MAX_EVENTS,
  parseInbox,
  parseSigns,
  parseState,
  StoredError,
  withoutTaken,
  type GuardEvent,
  type Inbox,
  type State,
} from '../../../alerts/rollback/index.ts';
import { ended } from '../../../alerts/rollback/ends.ts';
import { finite } from '../../../alerts/rollback/gather.ts';
import { build, settledDrive } from './drive.ts';
import { FAILS } from './traffic.ts';

const EVENT: GuardEvent = {
  key: 'firing/f00d/1/bad',
  kind: 'firing',
  name: 'A',
  hash: 'bad',
  storedAt: 2,
  startsAt: 1,
};

describe('the state', () => {
  test('is empty where nothing is stored', () => {
    expect(parseState(undefined)).toBe(EMPTY_STATE);
  });

  test('is read as it was written, in each phase of a rollback', () => {
    const one = settledDrive();
    one.release(build('bad'), FAILS);
    const phases = new Set<string>();
    for (let second = 0; second < 120; second++) {
      one.run(1);
      const { state } = one.store;
      phases.add(state.phase);
      expect(parseState(formatState(state))).toEqual(state);
    }
    expect([...phases].sort()).toEqual(['deciding', 'done', 'rolling-back', 'verifying', 'watching']);
  });

  test.each([
    ['', /^the state is no JSON: .*; put it right, or delete it to begin anew$/],
    ['{"format":1,', /^the state is no JSON: /],
    ['null', /^the state cannot be used: it is null: /],
    [
      JSON.stringify({ ...EMPTY_STATE, format: 2 }),
      /^the state cannot be used: format is 2: 1: another version of the guard/,
    ],
    [JSON.stringify({ ...EMPTY_STATE, phase: 'asleep' }), /phase is "asleep": /],
    [JSON.stringify({ ...EMPTY_STATE, taken: [1] }), /taken\.0 is 1: /],
  ])('that is %j is refused, and never begun anew in silence', (text, message) => {
    expect(() => parseState(text)).toThrow(StoredError);
    expect(() => parseState(text)).toThrow(message);
  });

  test('is not written where it could not be read again', () => {
    expect(() => formatState({ ...EMPTY_STATE, lastRollbackAt: Number.NaN })).toThrow(/lastRollbackAt is null: /);
    const taken = Array.from({ length: 10_000 }, (_, index) => `${index}`.padEnd(100, '-'));
    expect(() => formatState({ ...EMPTY_STATE, taken })).toThrow(
      /^the state has \d+ bytes, and a ConfigMap holds 921600/,
    );
  });

  test('stays small through releases that all end badly, also when nothing that is owed can be done', () => {
    const one = settledDrive({ policy: { cooldown: 0 } });
    const largest: State[] = [];
    for (let number = 0; number < 25; number++) {
      const hash = `r${number}`;
      one.release(build(hash), FAILS);
      one.until(() => one.outcome(hash) !== undefined);
      largest.push(one.store.state);
    }
    const owed = largest.flatMap((state) => (state.watch ? [{ kind: 'record', watch: state.watch } as const] : []));
    expect(Buffer.byteLength(formatState({ ...one.store.state, owed: owed.slice(-12) }))).toBeLessThan(300_000);
  });
});

test('shares of no requests are kept as numbers, which JSON can hold', () => {
  const none = { requests: 0, failed: Number.NaN, timed: 0, fast: Number.NaN };
  expect(finite({ at: 1, release: none })).toEqual({ at: 1, release: { requests: 0, failed: 0, timed: 0, fast: 0 } });
});

test('of what nobody takes only the newest is owed, and whatever is no message', () => {
  const one = settledDrive();
  const quarantine = { kind: 'quarantine', release: build('bad').release, reason: 'bad', by: 'guard', at: 1 } as const;
  const { watch } = one.store.state;
  if (!watch) throw new Error('there is no watch');
  const handOver = { kind: 'hand-over', of: 'bad' } as const;
  const first: State = { ...EMPTY_STATE, owed: [quarantine, handOver] };
  const numbers = Array.from({ length: 30 }, (_, number) => number);
  const { owed } = numbers.reduce((state, number) => ended(state, watch, 'failed', `${number}`, number), first);

  expect(owed.slice(0, 2)).toEqual([quarantine, handOver]);
  expect(owed).toHaveLength(14);
  expect(owed.at(-1)).toMatchObject({ kind: 'tell', watch: { ending: '29' } });
});

describe('the inbox', () => {
  test('is read as it was written, with and without a freeze', () => {
    const frozen: Inbox = { events: [EVENT], freeze: { until: 5, reason: 'the sale', by: 'ada' } };
    for (const inbox of [frozen, { events: [] }]) {
      const { events, freeze } = formatInbox(inbox);
      expect(parseInbox(events, freeze)).toEqual(inbox);
    }
    expect(parseInbox(undefined, undefined)).toEqual({ events: [] });
  });

  test('that cannot be read is refused with the key that is wrong', () => {
    expect(() => parseInbox('[{"kind":"firing"}]', undefined)).toThrow(/^the events cannot be used: 0\.key is missing/);
    expect(() => parseInbox(undefined, '{"until":"tomorrow"}')).toThrow(
      /^the freeze cannot be used: until is "tomorrow"/,
    );
  });

  test('takes an event once, as long as it waits and after it was taken', () => {
    const first = addEvent({ events: [] }, EVENT, []);
    expect(first.result).toBe('added');
    expect(addEvent(first.inbox, EVENT, [])).toEqual({ result: 'duplicate', inbox: first.inbox });
    expect(addEvent({ events: [] }, EVENT, [EVENT.key]).result).toBe('duplicate');
    expect(withoutTaken(first.inbox, { ...EMPTY_STATE, taken: [EVENT.key] })).toEqual({ events: [] });
    expect(withoutTaken(first.inbox, EMPTY_STATE)).toBe(first.inbox);
  });

  test('refuses what is more than it holds, and changes nothing', () => {
    const events = Array.from({ length: MAX_EVENTS }, (_, index) => ({ ...EVENT, key: `${index}` }));
    expect(addEvent({ events }, EVENT, [])).toEqual({ result: 'full', inbox: { events } });
  });

  test('cuts what a person says at length', () => {
    const { inbox } = addEvent({ events: [] }, { ...EVENT, kind: 'order', reason: 'x'.repeat(5000) }, []);
    expect(inbox.events[0]?.reason).toHaveLength(500);
  });
});

test('signs of life are read as they were written, and are none where nothing is stored', () => {
  expect(parseSigns(formatSigns({ watchdog: 1, prometheus: 2 }))).toEqual({ watchdog: 1, prometheus: 2 });
  expect(parseSigns(undefined)).toEqual({ watchdog: 0, prometheus: 0 });
  expect(() => parseSigns('{}')).toThrow(/^the signs of life cannot be used: watchdog is missing/);
});
