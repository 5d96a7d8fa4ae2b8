import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a run of the command ended. */
export type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

type RunOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** The project whose command runs. */
  readonly project?: string;
};

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['service', 'alerts', 'dashboards', 'chaos', 'infra', 'package.json'];
const STACK_LINE = /^\s+at .+:\d+/m;

/** Runs the real command in a process of its own, with few variables, so that the caller's do not matter. */
export function sluice(args: readonly string[], options: RunOptions = {}): Run {
  const { cwd, env = {}, nodeArgs = [], project = PROJECT } = options;
  const { PATH = '' } = process.env;
  const file = join(project, 'infra/cli/sluice.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeArgs, file, ...args], {
    cwd,
    env: { PATH, ...env },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** Whether a text holds a line of a stack trace. */
export function hasStack({ stdout, stderr }: Run): boolean {
  return STACK_LINE.test(stdout) || STACK_LINE.test(stderr);
}

/** Calls with an empty folder, which is removed afterwards. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-cli-')));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Calls with a copy of the project in which one file is changed. */
export function inChangedProject<T>(file: string, change: (text: string) => string, use: (project: string) => T): T {
  return inFolder((project) => {
    for (const source of SOURCES) cpSync(join(PROJECT, source), join(project, source), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'), 'dir');
    const path = join(project, file);
    const text = readFileSync(path, 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error(`nothing was changed in ${file}`);
    writeFileSync(path, changed);
    return use(project);
  });
}
