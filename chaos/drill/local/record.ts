import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DrillRunsError } from './errors.ts';
import { findProcess, type KnownProcess } from './processes.ts';

/** A process of a stand, by the name of its program. */
export type RecordedProcess = KnownProcess & {
  readonly name: string;
  /** Whether the fault has stopped it. */
  readonly frozen?: boolean;
};

/** What a stand consists of, written down before it can be lost, so that the next drill finds what is left of it. */
export type StandRecord = {
  readonly experiment: string;
  /** The process of the drill. */
  readonly drill: KnownProcess;
  /** The process that keeps the stand, and holds the deadline of its fault. */
  readonly keeper: KnownProcess;
  /** Of its files; goes with it. */
  readonly folder: string;
  readonly processes: readonly RecordedProcess[];
  /** What is broken now, in words. */
  readonly fault?: string;
};

const FILE = 'stand.json';

/** Writes down what a stand consists of, and each change of it. */
export type Recorder = {
  /** Adds processes, or changes what is known of them. */
  add(processes: readonly RecordedProcess[]): void;
  setFault(fault: string | undefined): void;
  /** All that was added, whether it runs still or not. */
  all(): readonly RecordedProcess[];
  /** Nothing is left: the next drill has nothing to look for. */
  remove(): void;
};

/** Begins the record of a stand in a folder. Throws a DrillRunsError where there is one already. */
export function createRecord(state: string, first: Omit<StandRecord, 'processes'>): Recorder {
  mkdirSync(state, { recursive: true });
  const file = join(state, FILE);
  let record: StandRecord = { ...first, processes: [] };
  const draft = (): string => {
    const path = `${file}.${process.pid}`;
    writeFileSync(path, JSON.stringify(record, undefined, 2), { mode: 0o600 });
    return path;
  };
  const made = draft();
  try {
    // A link is made whole or not at all: of two drills that begin at once, one gets it.
    linkSync(made, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw drillRuns(readRecord(state));
  } finally {
    rmSync(made);
  }
  const change = (changes: Partial<StandRecord>): void => {
    record = { ...record, ...changes };
    renameSync(draft(), file);
  };
  return {
    add(processes) {
      const pids = new Set(processes.map(({ pid }) => pid));
      change({ processes: [...record.processes.filter(({ pid }) => !pids.has(pid)), ...processes] });
    },
    setFault(fault) {
      const { fault: _before, ...rest } = record;
      record = rest;
      change(fault === undefined ? {} : { fault });
    },
    all: () => record.processes,
    remove: () => rmSync(file, { force: true }),
  };
}

/** The record in a folder; undefined: no stand is there, and none was left. */
export function readRecord(state: string): StandRecord | undefined {
  const file = join(state, FILE);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StandRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read: end the programs of the drill that it names, then remove it`, {
      cause: error,
    });
  }
}

/** Removes the record of a stand of which nothing is left. */
export function removeRecord(state: string): void {
  rmSync(join(state, FILE), { force: true });
}

/** Says that another drill runs. */
export function drillRuns(record: StandRecord | undefined): DrillRunsError {
  const whose = record ? ` (${record.experiment}, process ${record.drill.pid})` : '';
  return new DrillRunsError(
    `Another local drill runs in this project${whose}: wait until it has ended, or end it with Ctrl-C, and start again.`,
  );
}

/** This process, as a record names it. */
export function ownProcess(): KnownProcess {
  const own = findProcess(process.pid);
  if (!own) throw new Error('processes cannot be told apart here: /proc or the program ps is needed');
  return own;
}
