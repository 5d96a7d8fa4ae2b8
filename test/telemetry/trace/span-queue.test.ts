import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SpanQueue, type ExportOutcome } from '../../../service/telemetry/trace/span-queue.ts';

/** A collector whose answers come when a test says so. */
function collector() {
  const sent: (readonly number[])[] = [];
  let settle: { resolve: (taken: boolean) => void; reject: (error: Error) => void } | undefined;
  return {
    sent,
    send: (items: readonly number[]) => {
      sent.push(items);
      return new Promise<boolean>((resolve, reject) => (settle = { resolve, reject }));
    },
    answer: (taken: boolean) => settle?.resolve(taken),
    breakDown: () => settle?.reject(new Error('broken')),
  };
}

describe('the queue of finished traces', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Each item is as many spans as its number. */
  function queueTo(send: (items: readonly number[]) => Promise<boolean>) {
    const counts: Record<ExportOutcome, number> = { exported: 0, dropped: 0, failed: 0 };
    const queue = new SpanQueue<number>({
      send,
      sizeOf: (spans) => spans,
      capacity: 10,
      batch: 4,
      delayMs: 1_000,
      onOutcome: (outcome, spans) => (counts[outcome] += spans),
    });
    return { queue, counts };
  }

  test('sends what has come within its delay, in batches one after the other', async () => {
    const { sent, send, answer } = collector();
    const { queue, counts } = queueTo(send);
    for (const spans of [2, 2, 3, 1]) queue.add(spans);
    expect(sent).toEqual([]);

    await jest.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([[2, 2]]);
    answer(true);
    await jest.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([
      [2, 2],
      [3, 1],
    ]);
    answer(true);
    await jest.advanceTimersByTimeAsync(0);
    expect(counts).toEqual({ exported: 8, dropped: 0, failed: 0 });
  });

  test('holds no more than its capacity while the collector does not answer, and counts the rest', async () => {
    const { sent, send } = collector();
    const { queue, counts } = queueTo(send);
    for (let added = 0; added < 100; added++) queue.add(2);
    expect(counts.dropped).toBe(190);

    await jest.advanceTimersByTimeAsync(1_000);
    for (let added = 0; added < 100; added++) queue.add(2);
    await jest.advanceTimersByTimeAsync(60_000);
    // What is being sent has left the queue; no second sending begins beside it.
    expect(sent).toHaveLength(1);
    expect(counts).toEqual({ exported: 0, dropped: 386, failed: 0 });
  });

  test.each<[how: string, fail: (by: ReturnType<typeof collector>) => void]>([
    ['refuses', ({ answer }) => answer(false)],
    ['breaks down', ({ breakDown }) => breakDown()],
  ])('counts what a collector that %s did not take, and goes on with what comes later', async (_how, fail) => {
    const by = collector();
    const { queue, counts } = queueTo(by.send);
    for (const spans of [4, 2]) queue.add(spans);
    await jest.advanceTimersByTimeAsync(1_000);
    fail(by);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(by.sent).toEqual([[4]]);

    queue.add(1);
    await jest.advanceTimersByTimeAsync(1_000);
    by.answer(true);
    await jest.advanceTimersByTimeAsync(0);
    expect(by.sent).toEqual([[4], [2, 1]]);
    expect(counts).toEqual({ exported: 3, dropped: 0, failed: 4 });
  });

  test('that was full when a sending failed goes on with what comes later, though there is no room for it', async () => {
    const { sent, send, answer } = collector();
    const { queue, counts } = queueTo(send);
    queue.add(2);
    await jest.advanceTimersByTimeAsync(1_000);
    for (const spans of [4, 4, 2]) queue.add(spans);
    await jest.advanceTimersByTimeAsync(1_000);
    answer(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([[2]]);

    queue.add(1);
    expect(counts).toEqual({ exported: 0, dropped: 1, failed: 2 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([[2], [4]]);
  });

  test('sends a trace that is larger than a batch by itself', async () => {
    const { sent, send } = collector();
    const { queue } = queueTo(send);
    for (const spans of [6, 1]) queue.add(spans);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([[6]]);
  });

  test('sends what waits when it closes, and takes nothing more', async () => {
    const { sent, send, answer } = collector();
    const { queue, counts } = queueTo(send);
    queue.add(2);
    const closed = queue.close(5_000);
    queue.add(1);
    answer(true);
    await jest.advanceTimersByTimeAsync(0);
    await closed;
    expect(sent).toEqual([[2]]);
    expect(counts).toEqual({ exported: 2, dropped: 1, failed: 0 });
  });

  test('closes in time, however long the collector takes', async () => {
    const { queue, counts } = queueTo(() => new Promise<boolean>(() => undefined));
    for (const spans of [4, 3]) queue.add(spans);
    const closed = queue.close(5_000);
    await jest.advanceTimersByTimeAsync(5_000);
    await closed;
    expect(counts.dropped).toBe(3);
  });
});
