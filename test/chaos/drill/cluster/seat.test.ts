import { expect, test } from '@jest/globals';
import {
  EMPTY_JOURNAL,
  formatJournal,
  journalStore,
  type Journal,
} from '../../../../chaos/drill/cluster/journal/index.ts';
import { SeatTakenError, takeSeat } from '../../../../chaos/drill/cluster/runner/seat.ts';
import type { Clock } from '../../../../chaos/drill/clock.ts';
import { eventually } from '../../../support/eventually.ts';
import { keptPlace } from './kept-objects.ts';

const WISH = {
  id: 'wish-1',
  experiment: 'redis-lost',
  fault: { kind: 'scale-away', component: 'redis' },
  ttl: 60_000,
  requestedBy: 'me',
} as const;

/** Time that passes as fast as it is waited for. */
function hurriedClock(onWait: () => Promise<void> = () => Promise.resolve()): Clock {
  let now = 1_000;
  return {
    now: () => now,
    async wait(milliseconds, signal) {
      await new Promise((go) => setImmediate(go));
      if (signal?.aborted) return;
      now += milliseconds;
      await onWait();
    },
  };
}

function storeWith(journal: Partial<Journal> = {}) {
  const data = { journal: formatJournal({ ...EMPTY_JOURNAL, ...journal }) };
  return journalStore(keptPlace('shop', [{ kind: 'ConfigMap', name: 'sluice-drill', data }]));
}

const options = (store: ReturnType<typeof storeWith>, clock = hurriedClock()) => ({
  store,
  clock,
  by: 'a test',
  onError: () => undefined,
});

test('one drills at a time: whoever lives keeps the seat', async () => {
  const store = storeWith({ runner: { id: 'drill-1', by: 'somebody', beat: 1, experiment: 'redis-lost' } });
  const beat = async (): Promise<void> => {
    await store.change((journal) => ({
      ...journal,
      ...(journal.runner && { runner: { ...journal.runner, beat: journal.runner.beat + 1 } }),
    }));
  };

  const taking = takeSeat(options(store, hurriedClock(beat)));

  await expect(taking).rejects.toThrow(SeatTakenError);
  await expect(taking).rejects.toThrow(/somebody runs the experiment redis-lost already/);
});

test('one who has gone leaves the seat as soon as the keeper has seen it', async () => {
  const store = storeWith({ runner: { id: 'drill-1', by: 'somebody', beat: 1 } });
  const dismiss = async (): Promise<void> => {
    await store.change(({ runner, ...journal }) =>
      runner?.id === 'drill-1' ? journal : { ...journal, ...(runner && { runner }) },
    );
  };

  const seat = await takeSeat(options(store, hurriedClock(dismiss)));

  expect((await store.read()).journal.runner?.id).toBe(seat.id);
  await seat.leave();
});

test('the seat gives signs of life until it is left, and takes its wishes with it', async () => {
  const store = storeWith({ stopped: { at: 1, by: 'me' } });
  const seat = await takeSeat(options(store));
  await seat.want([WISH]);
  await eventually(async () => expect((await store.read()).journal.runner?.beat).toBeGreaterThan(2));
  expect((await store.read()).journal.stopped).toBeUndefined();
  expect((await store.read()).journal.wanted).toEqual([WISH]);

  await seat.leave();

  const { runner, wanted } = (await store.read()).journal;
  expect([runner, wanted]).toEqual([undefined, []]);
});

test.each<[string, (journal: Journal) => Journal, RegExp]>([
  ['the kill switch is pulled', (journal) => ({ ...journal, stopped: { at: 1, by: 'me' } }), /stopped by me/],
  [
    'the keeper takes it for gone',
    ({ runner: _, ...journal }) => ({ ...journal, wanted: [] }),
    /took this drill for gone/,
  ],
  [
    'its fault is taken back early',
    (journal) => ({
      ...journal,
      done: [
        { id: 'wish-1', experiment: 'x', state: 'over', until: 1, undo: [], touched: [], why: 'the keeper is going' },
      ],
    }),
    /the keeper is going/,
  ],
])('the seat is lost when %s', async (_title, change, why) => {
  const store = storeWith();
  const seat = await takeSeat(options(store));
  await seat.want([WISH]);

  await store.change(change);

  await eventually(() => expect(seat.lost.aborted).toBe(true));
  expect((seat.lost.reason as Error).message).toMatch(why);
  await expect(seat.want([WISH])).rejects.toThrow(why);
  await seat.leave();
});
