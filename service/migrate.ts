import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from './config.ts';
import { migrate } from './store/migrate.ts';
import { createLog } from './telemetry/log.ts';
import { readOrExit } from './variables.ts';

/** Exit codes: something is wrong with the migration, or Postgres does not answer. */
const EXIT = { failed: 1, unavailable: 69 } as const;
/** How long it waits for a Postgres that starts beside it; whoever runs the program may try again later. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;
/**
 * Postgres is not there yet: no connection (class 08, the network's own codes), none to spare, or it starts or stops.
 */
const NOT_THERE = /^(08|53300|57P0[123]|E[A-Z_]+$)/;
/** What the driver says without a code. */
const NOT_THERE_WORDS = /^(timeout expired|Connection terminated)/;

const config = readOrExit(readConfig);
const { version } = config.service;
const log = createLog({
  level: config.logLevel,
  base: { service: config.service.name, environment: config.service.environment, process: 'migrate' },
});
process.once('SIGTERM', () => {
  log.error('stopped before it was done; Postgres takes back the step that was under way');
  log.flush(() => process.exit(EXIT.failed));
});
const code = await run(config.databaseUrl ?? '');
log.flush(() => process.exit(code));

async function run(databaseUrl: string): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  let told = '';
  log.info({ version }, 'bringing the schema up to date');
  for (;;) {
    try {
      await migrate(databaseUrl, { log: (line) => log.info(line), version });
      return 0;
    } catch (error) {
      const { code: reason = '', message } = error as { code?: string; message: string };
      const isThere = !NOT_THERE.test(reason) && !NOT_THERE_WORDS.test(message);
      if (isThere) {
        log.error(message);
        return EXIT.failed;
      }
      const why = `postgres at ${new URL(databaseUrl).host} is not ready (${message === '' ? reason : message})`;
      if (performance.now() > deadline) {
        log.error(`${why}; given up`);
        return EXIT.unavailable;
      }
      if (why !== told) log.warn(`${why}; trying again`);
      told = why;
      await wait(PAUSE_MS);
    }
  }
}
