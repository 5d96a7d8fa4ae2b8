import { describe, expect, test } from '@jest/globals';
import { concurrencyPolicy, createSharedLimits, windowPolicy, type LimitPolicy } from '../../service/limit/index.ts';
import {
  createLimitHolder,
  createLimitLink,
  type LimitAnswer,
  type LimitCall,
} from '../../service/gateway/processes/limit-calls.ts';

/** Workers of one primary; what passes between them is copied, as it is between processes. */
function createWorkers(count: number) {
  const holder = createLimitHolder(100);
  const links = Array.from({ length: count }, (_, worker) =>
    createLimitLink((call: LimitCall) =>
      Promise.resolve(structuredClone(holder.answer(structuredClone(call), worker))),
    ),
  );
  const take = async (worker: number, policies: readonly LimitPolicy[]) =>
    links[worker]?.store.ask({ caller: 'a', policies });
  return { holder, links, take };
}

const two = concurrencyPolicy('two', 2);

describe('limits that the primary counts', () => {
  test('count all workers together', async () => {
    const { take } = createWorkers(2);
    const policies = [windowPolicy('three', 3, 3_600_000)];
    const allowed = [];
    for (const worker of [0, 1, 0, 1, 0]) allowed.push((await take(worker, policies))?.allowed);
    expect(allowed).toEqual([true, true, true, false, false]);
  });

  test('follow a count that is a getter and moves', async () => {
    const { take } = createWorkers(1);
    let value = 1;
    const count = {
      get value() {
        return value;
      },
    };
    const policies = [{ ...windowPolicy('p', 1, 3_600_000), count }];
    expect((await take(0, policies))?.allowed).toBe(true);
    expect((await take(0, policies))?.allowed).toBe(false);
    value = 2;
    expect((await take(0, policies))?.allowed).toBe(true);
  });

  test('are leased to workers whose callers ask often, and admit no more than the limit over all of them', async () => {
    const { links } = createWorkers(2);
    const stores = links.map(({ store }) =>
      createSharedLimits({
        store,
        mode: 'lease',
        lease: { tokens: 10, lifetimeMs: 60_000, hotFrom: 5 },
        trackedCallers: 10,
      }),
    );
    const policies = [windowPolicy('hundred', 100, 3_600_000)];
    let admitted = 0;
    let asked = 0;
    for (let request = 0; request < 300; request++) {
      const verdict = stores[request % 2]?.take('a', policies);
      if (verdict instanceof Promise) asked++;
      if ((await verdict)?.allowed) admitted++;
    }
    expect(admitted).toBe(100);
    expect(asked).toBeLessThan(60);
  });

  test('count no longer what a worker had in flight when it ended', async () => {
    const { holder, take } = createWorkers(2);
    await take(0, [two]);
    await take(0, [two]);
    expect((await take(1, [two]))?.allowed).toBe(false);
    holder.retire(0);
    const held = await take(1, [two]);
    expect(held?.allowed).toBe(true);
    expect((await take(1, [two]))?.allowed).toBe(true);
    holder.retire(0);
    expect((await take(1, [two]))?.allowed).toBe(false);
    held?.release?.();
    expect((await take(1, [two]))?.allowed).toBe(true);
  });

  test('give back what an answer held that nobody waited for any more', async () => {
    const { holder, links, take } = createWorkers(1);
    const late: (LimitAnswer | undefined)[] = [];
    for (let request = 0; request < 2; request++)
      late.push(holder.answer({ method: 'limits.take', caller: 'a', policies: [two] }, 0));
    expect((await take(0, [two]))?.allowed).toBe(false);
    for (const answer of [...late, undefined]) links[0]?.receiveLate(answer);
    expect((await take(0, [two]))?.allowed).toBe(true);
  });
});
