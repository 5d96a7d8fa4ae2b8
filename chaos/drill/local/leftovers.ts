import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, isStopped, signal, treeOf, type KnownProcess } from './processes.ts';
import { drillRuns, readRecord, removeRecord, type StandRecord } from './record.ts';

const POLL_MS = 50;

/** How long a keeper whose drill is gone may take to end everything by itself. */
const KEEPER_MS = 10_000;

/** How long Postgres may take to end in an orderly way, so that it gives back the memory that it shares. */
const ORDERLY_MS = 3_000;

/** How long the kernel may take to end what was killed. */
const KILLED_MS = 5_000;

/**
 * Ends what drills before have left in a folder, and gives it a line each. Waits for a keeper that is at it. Throws a
 * DrillRunsError, and touches nothing, where a drill runs.
 */
export async function endLeftovers(state: string): Promise<readonly string[]> {
  const record = readRecord(state);
  if (!record) return [];
  if (isAlive(record.keeper)) {
    if (isAlive(record.drill)) throw drillRuns(record);
    if (await until(() => readRecord(state) === undefined, KEEPER_MS)) return [];
  }
  const left = [record.keeper, ...record.processes].flatMap((each) =>
    treeOf(each).map((found) => ({ ...each, ...found })),
  );
  const distinct = [...new Map(left.map((each) => [each.pid, each])).values()];
  const lines = distinct.map((each) => lineOf(each, record));
  await end(distinct);
  rmSync(record.folder, { recursive: true, force: true });
  removeRecord(state);
  return lines.length > 0 ? lines : [`the files of the drill ${record.experiment} in ${record.folder}`];
}

type Left = KnownProcess & { readonly name?: string };

function lineOf(left: Left, { experiment, fault }: StandRecord): string {
  const stopped = isStopped(left) ? ', stopped by its fault' : '';
  return `${left.name ?? 'the keeper'} (process ${left.pid}) of the drill ${experiment}${stopped}${fault === undefined ? '' : `: ${fault}`}`;
}

/** Ends processes: Postgres as it likes it, everything that is there after that at once. */
export async function end(processes: readonly Left[]): Promise<void> {
  const postgres = processes.filter(({ name }) => name === 'postgres');
  for (const each of processes) if (!postgres.includes(each)) signal(each, 'SIGKILL');
  for (const each of postgres) signal(each, 'SIGCONT');
  // Fast shutdown; what serves a connection ends with the first of them.
  if (postgres[0]) signal(postgres[0], 'SIGINT');
  await until(() => !postgres.some(isAlive), ORDERLY_MS);
  for (const each of postgres) signal(each, 'SIGKILL');
  if (await until(() => !processes.some(isAlive), KILLED_MS)) return;
  const stay = processes.filter(isAlive).map(({ name = 'the keeper', pid }) => `${name} (process ${pid})`);
  throw new Error(`What a drill has left does not end: ${stay.join(', ')}. End it by hand, then start again.`);
}

async function until(isSo: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > deadline) return false;
    await wait(POLL_MS);
  }
  return true;
}
