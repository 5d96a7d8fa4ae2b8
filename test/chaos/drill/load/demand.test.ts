import { expect, test } from '@jest/globals';
import { demandOf, usersFor } from '../../../../chaos/drill/load/demand.ts';
import { EXPERIMENTS } from '../../../../chaos/index.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';

const { staging } = definition;

test('a demand is of each limit by itself, with one retry, and what comes before a request is a request', () => {
  const load = { payment: '1/s', order: '2/s', 'search-hit': '3/s', 'search-miss': '4/s', session: '5/s' } as const;

  expect(demandOf({ load }, staging)).toEqual({
    total: 32,
    key: 22,
    routes: { pay: 2, createOrder: 6, search: 14 },
    sessions: 10,
  });
});

test('what no limit holds is not counted', () => {
  expect(demandOf({ load: { health: '9/s' } }, staging).total).toBe(0);
});

test('there are as many users as the limit of one needs', () => {
  const load = { session: '4/s' } as const;

  expect(usersFor([{ load }], withValues(staging, ['limits.key=60/min']))).toBe(8);
  expect(usersFor([{ load }], withValues(staging, ['limits.key=8/s']))).toBe(1);
  expect(usersFor([{ load }], withValues(staging, ['limits.key=7/s']))).toBe(2);
  expect(usersFor([{ load: {} }], staging)).toBe(1);
  expect(usersFor(EXPERIMENTS, withValues(staging, ['limits.key.window=1/min', 'limits.key.shadow=true']))).toBe(1);
});
