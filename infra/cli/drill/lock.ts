import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProcess, isAlive, type KnownProcess } from '../../../chaos/drill/local/processes.ts';
import { UsageError } from '../errors.ts';

const FILE = 'lock.json';

/**
 * Writes down in a folder that this process drills, and gives what takes that back. Throws a UsageError where another
 * process that is alive does; of one that has died the lock is taken over.
 */
export function takeLock(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(findProcess(process.pid)), { mode: 0o600 });
  try {
    // A link is made whole or not at all: of two that begin at once, one gets it.
    while (!isLinked(own, file)) {
      const owner = lockOwner(folder);
      if (owner && isAlive(owner)) {
        throw new UsageError(
          `process ${owner.pid} drills already in this project; wait until it has ended, or end it by 'sluice drill stop'`,
        );
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** Who has drilled last, and perhaps still does; undefined: nobody, or nobody can tell. */
export function lockOwner(folder: string): KnownProcess | undefined {
  try {
    const owner = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<KnownProcess> | null;
    const { pid, startedAt } = owner ?? {};
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
