import type { QuarantineList } from '../../cluster/quarantine.ts';
import { tableOf } from '../table.ts';

/** As JSON lists them: the newest first. */
export function statedQuarantines(list: QuarantineList): readonly object[] {
  return byAge(list).map(([id, { at, by, reason }]) => ({ id, at, by, reason }));
}

/** As a table, the newest first. */
export function quarantineTable(list: QuarantineList): string {
  const rows = byAge(list).map(([id, { at, by, reason }]) => [id, at, by, reason]);
  return tableOf(['RELEASE', 'SINCE', 'BY', 'REASON'], rows);
}

function byAge(list: QuarantineList): readonly (readonly [string, QuarantineList[string]])[] {
  const order = ([id, { at }]: readonly [string, QuarantineList[string]]): string => `${at} ${id}`;
  return Object.entries(list).toSorted((one, other) => (order(one) < order(other) ? 1 : -1));
}
