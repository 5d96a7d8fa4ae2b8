import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerId, Servers } from './server-programs.ts';

const run = promisify(execFile);

/** How servers say their version. */
const PATTERNS: Partial<Readonly<Record<ServerId, RegExp>>> = {
  redis: /v=(\S+)/,
  prometheus: /version (\S+?)[,\s]/,
  alertmanager: /version (\S+?)[,\s]/,
};

/** The versions of those that are there, as they say themselves. */
export async function versionsOf(servers: Servers): Promise<Readonly<Record<string, string>>> {
  const known = Object.entries(PATTERNS) as [ServerId, RegExp][];
  const versions = await Promise.all(
    known.map(async ([id, pattern]) => {
      const file = servers[id];
      if (file === undefined) return [];
      const { stdout, stderr } = await run(file, ['--version']).catch(() => ({ stdout: '', stderr: '' }));
      return [[id, pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown'] as const];
    }),
  );
  return Object.fromEntries(versions.flat());
}

/** The commit that the project stands at, 7 characters; undefined where there is no git or no repository. */
export async function commitOf(project: string): Promise<string | undefined> {
  try {
    return (await run('git', ['rev-parse', 'HEAD'], { cwd: project })).stdout.slice(0, 7);
  } catch {
    // The version alone then says what runs.
    return undefined;
  }
}
