import { describe, expect, test } from '@jest/globals';
import { createWorkQueue } from '../../service/app/work-queue.ts';

/** Work that ends when the test says so. */
function pieces() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    work: (name: string) => (): Promise<string> => {
      started.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    },
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await new Promise((turn) => setImmediate(turn));
    },
  };
}

describe('a work queue', () => {
  const create = () => createWorkQueue({ atOnce: 2, waiting: 2, retryAfterSeconds: 3 });

  test('runs as many as it may at once, the others in their order, and refuses the rest', async () => {
    const queue = create();
    const { started, work, end } = pieces();

    const results = ['a', 'b', 'c', 'd'].map((name) => queue(work(name)));
    await expect(queue(work('e'))).rejects.toMatchObject({
      code: 'overloaded',
      details: { headers: ['retry-after', '3'] },
    });
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    const last = queue(work('f'));
    for (const name of ['a', 'c', 'd', 'f']) await end(name);

    expect(await Promise.all([...results, last])).toEqual(['a', 'b', 'c', 'd', 'f']);
    expect(started).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  test('a piece that fails makes room as one that succeeds does', async () => {
    const queue = create();

    const failing = Array.from({ length: 4 }, () => queue(() => Promise.reject(new Error('broken'))));

    for (const each of failing) await expect(each).rejects.toThrow('broken');
    expect(await queue(() => Promise.resolve('fine'))).toBe('fine');
  });

  test('who has left by then is not worked for', async () => {
    const queue = create();
    const { started, work, end } = pieces();
    const left = new AbortController();
    const running = ['a', 'b'].map((name) => queue(work(name)));
    const waiting = queue(work('c'), left.signal);
    const next = queue(work('d'));

    left.abort(new Error('left'));
    await Promise.all([expect(waiting).rejects.toThrow('left'), end('a')]);

    expect(started).toEqual(['a', 'b', 'd']);
    for (const name of ['b', 'd']) await end(name);
    expect(await Promise.all([...running, next])).toEqual(['a', 'b', 'd']);
  });
});
