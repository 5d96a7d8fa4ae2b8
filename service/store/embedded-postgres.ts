import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';
import { serverAccount } from './internal/server-account.ts';
import { findBinaries } from './internal/server-binaries.ts';
import { findHome, prepareData, readPassword, SERVER_USER } from './internal/server-data.ts';
import { waitForLock } from './internal/server-lock.ts';
import { ServerStartError, startServer, type ServerProcess } from './internal/server-process.ts';

/** Settings of an embedded Postgres. */
export type EmbeddedPostgresOptions = {
  /** Folder that keeps data and password between runs; made when it is not there. */
  readonly directory: string;
  /** Told in a line what somebody who looks for the data has to know. */
  readonly log: (line: string) => void;
};

/** A Postgres that runs as a child of this process. */
export type EmbeddedPostgres = {
  /** Address with the password of the superuser. */
  readonly connectionString: string;
  /** Ends all connections and the server, and waits for its end. */
  stop(): Promise<void>;
};

/** How long a start waits for what a previous server left behind. */
const PREVIOUS_MS = 5_000;
const RETRY_MS = 100;
/** What passes by itself: the rests of a killed server, or a port that somebody else was faster to take. */
const PASSING = /already exists|still in use|could not create any TCP/;

/**
 * Starts a real Postgres for laptops and tests, on a free port of the loopback address. The first start in a folder
 * takes about a second. Rejects with a message that tells what to do: no binaries (production installation), another
 * server on the same folder, data of another version. When this process dies, the server ends by itself.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const account = serverAccount();
  const home = await findHome(account, resolve(options.directory), log);
  const binaries = await findBinaries(account, home, log);
  const password = await readPassword(account, home);
  const data = await prepareData(account, home, binaries);
  const deadline = performance.now() + PREVIOUS_MS;
  const start = async (): Promise<{ port: number; server: ServerProcess }> => {
    await waitForLock(data, deadline);
    const port = await findFreePort();
    try {
      return { port, server: await startServer({ account, binaries, home, data, port, log }) };
    } catch (error) {
      if (!(error instanceof ServerStartError)) throw error;
      if (!PASSING.test(error.message) || performance.now() > deadline) {
        throw new Error(`Postgres could not start in ${data}: ${error.message}`, { cause: error });
      }
      await wait(RETRY_MS);
      return start();
    }
  };
  const { port, server } = await start();
  return {
    connectionString: `postgres://${SERVER_USER}:${password}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  };
}
