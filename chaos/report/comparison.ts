import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FILES, readRun } from './folder.ts';
import { expectation, type Expectation } from './noise.ts';
import type { Assertion, Run, Verdict } from './run.ts';

/** Runs side by side, those that can be compared with each other together. */
export type Comparison = {
  /** In order of their names. */
  readonly groups: readonly ComparedGroup[];
  /** Folders that could not be read, and why. */
  readonly bad: readonly { readonly folder: string; readonly problem: string }[];
};

/** Runs of one experiment in the same way: where, by which means, how fast, with or without its protection. */
export type ComparedGroup = {
  readonly experiment: string;
  /** How, in words: `cluster, staging, full pace`. */
  readonly how: string;
  /** Oldest first. */
  readonly runs: readonly ComparedRun[];
  readonly rows: readonly ComparedRow[];
  /** Whether the newest run did not pass, and the one before it did. */
  readonly newlyFails: boolean;
};

/** What a comparison needs of a run. */
export type ComparedRun = {
  readonly id: string;
  readonly folder: string;
  readonly startedAt: number;
  readonly verdict: Verdict;
  readonly lost: number;
  readonly sent: number;
  /** The share of the error budget that it used. */
  readonly used: number;
};

/** One assertion over the runs of its group. */
export type ComparedRow = {
  readonly id: string;
  readonly title: string;
  readonly kind: Assertion['kind'];
  /** One per run; absent where the run did not know the assertion. */
  readonly cells: readonly (Cell | undefined)[];
  /** What the newest run shows that those before it did not. */
  readonly change?: 'slower' | 'newly-fails';
  /** What the earlier runs led to expect, where they measured a time. */
  readonly expected?: Expectation;
};

/** What a run said of an assertion; the value in seconds, where a time was measured. */
export type Cell = {
  readonly outcome: Assertion['outcome'];
  readonly words: string;
  readonly seconds?: number;
};

/**
 * Compares the runs in some folders, each of which holds a run, or folders of runs. A folder that cannot be read is
 * named in the result, and the others are compared all the same.
 */
export function compareRuns(folders: readonly string[]): Comparison {
  const bad: { folder: string; problem: string }[] = [];
  const read = new Map<string, { readonly run: Run; readonly folder: string }>();
  for (const named of folders) {
    for (const folder of runFolders(named)) {
      try {
        const run = readRun(folder);
        if (!read.has(run.id)) read.set(run.id, { run, folder });
      } catch (error) {
        bad.push({ folder, problem: (error as Error).message });
      }
    }
  }
  const groups = Map.groupBy(read.values(), ({ run }) => `${run.experiment}, ${howOf(run)}`);
  return {
    groups: [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => groupOf(members)),
    bad,
  };
}

/** Whether a row says more than that something which had to hold held in every run. */
export function isNotable({ kind, change, cells }: ComparedRow): boolean {
  const tells = (cell: Cell | undefined) => cell?.outcome === 'broke' || cell?.seconds !== undefined;
  return kind === 'link' || kind === 'bound' || change !== undefined || cells.some(tells);
}

/** The folder itself, or those directly in it that hold a run; the folder where there is none, to be found wrong. */
function runFolders(folder: string): readonly string[] {
  if (existsSync(join(folder, FILES.run)) || !existsSync(folder)) return [folder];
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, FILES.run)))
    .map(({ name }) => join(folder, name))
    .sort();
  return inside.length > 0 ? inside : [folder];
}

function howOf({ target, environment, means, pace, without }: Run): string {
  const by = target === 'cluster' ? [`by ${means === 'chaosMesh' ? 'Chaos Mesh' : 'Kubernetes'}`] : [];
  return [target, environment, ...by, `${pace} pace`, ...(without === undefined ? [] : [`without ${without}`])].join(
    ', ',
  );
}

function groupOf(members: readonly { readonly run: Run; readonly folder: string }[]): ComparedGroup {
  const sorted = [...members].sort((a, b) => a.run.startedAt - b.run.startedAt);
  const runs = sorted.map(({ run, folder }): ComparedRun => {
    const { id, startedAt, verdict, lanes, budget } = run;
    const sum = (field: 'lost' | 'sent') => lanes.reduce((total, lane) => total + lane[field], 0);
    return { id, folder, startedAt, verdict, lost: sum('lost'), sent: sum('sent'), used: budget.used };
  });
  const first = sorted[0]?.run;
  // As the newest run orders them; what it no longer asks for comes last.
  const asked = new Map(
    sorted.toReversed().flatMap(({ run }) => run.assertions.map((each) => [each.id, each] as const)),
  );
  const [last, before] = [runs.at(-1), runs.at(-2)];
  return {
    experiment: first?.experiment ?? '',
    how: first ? howOf(first) : '',
    runs,
    rows: [...asked.values()].map((assertion) =>
      rowOf(
        assertion,
        sorted.map(({ run }) => run),
      ),
    ),
    newlyFails: last?.verdict !== 'passed' && before?.verdict === 'passed',
  };
}

function rowOf({ id }: Assertion, runs: readonly Run[]): ComparedRow {
  const found = runs.map((run) => run.assertions.find((each) => each.id === id));
  const { title = id, kind = 'link' } = found.findLast((each) => each !== undefined) ?? {};
  const cells = runs.map((run, index) => cellOf(run, found[index]));
  const [last, ...earlier] = cells.toReversed();
  const expected = expectation(earlier.flatMap((cell) => (cell?.seconds === undefined ? [] : [cell.seconds])));
  const before = earlier.find((cell) => cell !== undefined && cell.outcome !== 'skipped');
  const change =
    last?.outcome === 'broke' && before?.outcome === 'held'
      ? 'newly-fails'
      : last?.outcome === 'held' &&
          last.seconds !== undefined &&
          expected &&
          last.seconds > expected.usual + expected.noise
        ? 'slower'
        : undefined;
  return { id, title, kind, cells, ...(change && { change }), ...(expected && { expected }) };
}

/** What has a place in the timeline has a time, and so has the way back; other values are not compared so. */
function cellOf({ timeline }: Run, assertion: Assertion | undefined): Cell | undefined {
  if (!assertion) return undefined;
  const { id, kind, outcome, measured, value } = assertion;
  const entry = timeline.find((each) => each.id === id);
  const happened = entry?.at === undefined ? undefined : (entry.at - entry.from) / 1000;
  const seconds = happened ?? (kind === 'link' || kind === 'reverted' ? value : undefined);
  return { outcome, words: measured, ...(outcome !== 'skipped' && seconds !== undefined && { seconds }) };
}
