import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken: its number may be another's by now, number and start together are not. */
export type KnownProcess = { readonly pid: number; readonly startedAt: string };

type Row = KnownProcess & { readonly parent: number; readonly state: string };

const HAS_PROC = existsSync('/proc/self/stat');
/** Starts are told since the machine's. */
const BOOT = HAS_PROC ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : '';

/** Rounds in which what a stopped process has begun just before is found too. */
const ROUNDS = 10;

/** Who runs under a number now. */
export function findProcess(pid: number): KnownProcess | undefined {
  return withoutRest(rowOf(pid));
}

/** Whether it runs, or is stopped; one that has ended and waits for its parent does not. */
export function isAlive({ pid, startedAt }: KnownProcess): boolean {
  const row = rowOf(pid);
  return row?.startedAt === startedAt && !row.state.startsWith('Z');
}

/** Whether it was stopped by a signal. */
export function isStopped({ pid, startedAt }: KnownProcess): boolean {
  const row = rowOf(pid);
  return row?.startedAt === startedAt && row.state.startsWith('T');
}

/** Sends a signal to this process and to no other that took its number; false: it is gone. */
export function signal(known: KnownProcess, name: NodeJS.Signals): boolean {
  if (!isAlive(known)) return false;
  try {
    return process.kill(known.pid, name);
  } catch {
    // It ended in between, which is all that was asked, or belongs to somebody else.
    return false;
  }
}

/** The processes below one, not itself. */
export function descendantsOf(pid: number): readonly KnownProcess[] {
  const children = Map.groupBy(allRows(), ({ parent }) => parent);
  const below = (parent: number): Row[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid).flatMap((row) => withoutRest(row) ?? []);
}

/** A process and all below it, as long as it is there. */
export function treeOf(root: KnownProcess): readonly KnownProcess[] {
  return isAlive(root) ? [root, ...descendantsOf(root.pid)] : [];
}

/** Stops processes, and what they begin meanwhile; `before` is told of each before it is stopped. Gives all of them. */
export function freeze(
  find: () => readonly KnownProcess[],
  before: (found: readonly KnownProcess[]) => void,
): readonly KnownProcess[] {
  const frozen = new Map<number, KnownProcess>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = find().filter(({ pid }) => !frozen.has(pid));
    if (found.length === 0) break;
    before(found);
    for (const each of found) {
      signal(each, 'SIGSTOP');
      frozen.set(each.pid, each);
    }
  }
  return [...frozen.values()];
}

function withoutRest(row: Row | undefined): KnownProcess | undefined {
  return row && { pid: row.pid, startedAt: row.startedAt };
}

function rowOf(pid: number): Row | undefined {
  if (!HAS_PROC) return allRows().find((row) => row.pid === pid);
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // There is no such process, or not any more.
    return undefined;
  }
}

function allRows(): readonly Row[] {
  if (!HAS_PROC) return rowsOfPs();
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => rowOf(Number(pid)) ?? []);
}

/** Fields of proc(5); the second is a name in brackets, in which anything may stand. */
function parseStat(stat: string): Row {
  const end = stat.lastIndexOf(')');
  const rest = stat.slice(end + 2).split(' ');
  const [state = '', parent = ''] = rest;
  return { pid: Number.parseInt(stat), parent: Number(parent), state, startedAt: `${BOOT} ${rest[19] ?? ''}` };
}

/** Where there is no /proc, as on macOS. */
function rowsOfPs(): readonly Row[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='], { encoding: 'utf8' });
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', state = '', ...start] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state, startedAt: start.join(' ') };
    });
}
