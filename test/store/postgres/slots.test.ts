import { describe, expect, test } from '@jest/globals';
import { NoSlotError, Slots } from '../../../service/store/postgres/slots.ts';

const slotsOf = (slots: number, options: { maxWaiting?: number; maxWaitMs?: number } = {}): Slots =>
  new Slots({ slots, maxWaiting: 10, maxWaitMs: 10_000, ...options });

describe('slots', () => {
  test('are given out as many as there are, then in the order of asking', async () => {
    const slots = slotsOf(2);
    const order: string[] = [];
    await slots.take(undefined);
    await slots.take(undefined);
    const first = slots.take(undefined).then(() => order.push('first'));
    const second = slots.take(undefined).then(() => order.push('second'));
    expect([slots.taken, slots.waiting]).toEqual([2, 2]);

    slots.giveBack();
    slots.giveBack();

    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect([slots.taken, slots.waiting]).toEqual([2, 0]);
    slots.giveBack();
    slots.giveBack();
    expect(slots.taken).toBe(0);
  });

  test('refuse who comes when enough wait', async () => {
    const slots = slotsOf(1, { maxWaiting: 1 });
    await slots.take(undefined);
    const waiting = slots.take(undefined);

    await expect(slots.take(undefined)).rejects.toBeInstanceOf(NoSlotError);

    slots.giveBack();
    await waiting;
  });

  test('refuse who has waited too long, and forget them', async () => {
    const slots = slotsOf(1, { maxWaitMs: 10 });
    await slots.take(undefined);

    await expect(slots.take(undefined)).rejects.toBeInstanceOf(NoSlotError);

    expect(slots.waiting).toBe(0);
    slots.giveBack();
    expect(slots.taken).toBe(0);
  });

  test('forget who leaves, before and while waiting', async () => {
    const slots = slotsOf(1);
    const leaving = new AbortController();
    await slots.take(leaving.signal);
    const waiting = slots.take(leaving.signal);
    const next = slots.take(undefined);

    leaving.abort('left');

    await expect(waiting).rejects.toBe('left');
    await expect(slots.take(leaving.signal)).rejects.toBe('left');
    slots.giveBack();
    await next;
    expect([slots.taken, slots.waiting]).toEqual([1, 0]);
  });
});
