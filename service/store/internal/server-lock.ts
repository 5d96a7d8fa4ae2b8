import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

type Lock = { readonly pid: number; readonly port: number };

const POLL_MS = 100;
/** Refusals in a row after which the process behind a lock is held for a stranger with a recycled number. */
const STRANGER_AFTER = 10;

/**
 * Waits until no other Postgres uses a data folder: one whose parent was killed is about to end. A lock whose process
 * is gone is Postgres's own affair; one whose number another program has by now is removed. Throws after the deadline,
 * a time of the monotonic clock in milliseconds.
 */
export async function waitForLock(data: string, deadline: number): Promise<void> {
  let refusals = 0;
  for (;;) {
    const lock = readLock(data);
    if (!lock || !isAlive(lock.pid)) return;
    refusals = (await listensOn(lock.port)) ? 0 : refusals + 1;
    if (refusals >= STRANGER_AFTER) {
      await rm(lockFile(data), { force: true });
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `Another embedded Postgres (process ${lock.pid}) runs on ${data}: stop the program that started it, or set DATABASE_URL`,
      );
    }
    await wait(POLL_MS);
  }
}

/** Layout of postmaster.pid: process, data folder, start time, port (PostgreSQL, miscadmin.h, LOCK_FILE_LINE_*). */
function readLock(data: string): Lock | undefined {
  if (!existsSync(lockFile(data))) return undefined;
  const [pid, , , port] = readFileSync(lockFile(data), 'utf8').split('\n');
  return { pid: Number(pid), port: Number(port) };
}

function lockFile(data: string): string {
  return join(data, 'postmaster.pid');
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function listensOn(port: number): Promise<boolean> {
  if (!(port >= 1 && port <= 65_535)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (listens: boolean) => (): void => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
