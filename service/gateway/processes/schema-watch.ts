import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { Config } from '../../config.ts';
import { toMilliseconds } from '../../definition/index.ts';
import { laneAddress } from '../../store/postgres.ts';
import { connectionName, reportVersion, SEEN_EVERY } from '../../store/schema/ledger.ts';
import { isUnavailable } from '../../store/postgres/failure.ts';
import { MigrationRefused, refuseTooOld } from '../../store/schema/refusal.ts';
import { readStepFiles } from '../../store/schema/step-files.ts';
import type { Log } from '../../telemetry/log.ts';

/** The schema of the database, as far as this version depends on it. */
export type SchemaWatch = {
  /**
   * Whether the schema has had every expand step of this version. Once it had it stays so: a Postgres that is down, or
   * emptied to be restored, takes no gateway out that serves. Where the gateway applies them itself, it is so at once.
   * It is so too while Postgres has not answered for `outageAfterMs`: what needs no database is served then.
   */
  isUsable(): boolean;
  close(): void;
};

/** Settings of the watch. */
export type SchemaWatchOptions = {
  readonly config: Pick<Config, 'databaseUrl' | 'databasePooler' | 'migrations' | 'service'>;
  readonly log: Log;
  /** Told once why this version must not run with this database. */
  readonly onTooOld: (reason: string) => void;
  /** How often what is missing is looked for; default 1,000. */
  readonly retryMs?: number;
  /** How long a Postgres that does not answer counts as one that is being started; default 60,000. */
  readonly outageAfterMs?: number;
  /** How often the version is told; default `SEEN_EVERY`. */
  readonly seenEveryMs?: number;
  /** Folder of the migrations; default the service's own. */
  readonly folder?: string;
};

const TIMEOUT_MS = 2_000;
const RETRY_MS = 1_000;
const OUTAGE_AFTER_MS = 60_000;

/**
 * Applies the migrations or waits until somebody else has, by `config.migrations`; from then on says every
 * `seenEveryMs` that this version runs, so that nobody contracts the schema below it.
 */
export function watchSchema(options: SchemaWatchOptions): SchemaWatch {
  const { config, log, onTooOld, retryMs = RETRY_MS, outageAfterMs = OUTAGE_AFTER_MS } = options;
  const { seenEveryMs = toMilliseconds(SEEN_EVERY) } = options;
  const { databaseUrl } = config;
  if (databaseUrl === undefined) return { isUsable: () => true, close: () => undefined };
  const { version } = config.service;
  const closed = new AbortController();
  const { signal } = closed;
  const where = `postgres at ${new URL(databaseUrl).host}`;
  const apply = config.migrations === 'apply';
  const files = readStepFiles(options.folder);
  const needed = files.filter(({ step }) => step?.phase === 'expand').map(({ name }) => name);
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal }).catch(() => undefined);
  const isOpen = (): boolean => !signal.aborted;
  let usable = apply;
  // Pods that start in an outage must not stay away until it ends; one that starts beside its Postgres waits for it.
  let silentSince: number | undefined = performance.now();

  const steps = {
    apply: async (): Promise<Outcome> => {
      // Imported here: a gateway that waits has no use for what migrates.
      const { migrate } = await import('../../store/migrate.ts');
      const folder = options.folder === undefined ? {} : { folder: options.folder };
      await migrate(databaseUrl, { log: (line) => log.debug(line), version, signal, ...folder });
      return 'done';
    },
    report: async (): Promise<Outcome> => {
      const applied = await reported(laneAddress(databaseUrl, config.databasePooler, 'background'), version);
      if (!applied) return 'waits until a migration has begun or ended';
      refuseTooOld(version, applied.contracted);
      const missing = needed.filter((name) => !applied.names.includes(name));
      return missing.length === 0 ? 'done' : `waits until the schema has ${missing.join(', ')}`;
    },
  };

  void (async () => {
    if (apply) await persist(steps.apply);
    while (isOpen()) {
      if ((await persist(steps.report)) && !usable) {
        usable = true;
        log.info('the schema has all that this version needs');
      }
      await pause(seenEveryMs);
    }
  })();

  /** Repeats a step until it is done, and says once for each reason why it is not; false when the watch is closed. */
  async function persist(step: () => Promise<Outcome>): Promise<boolean> {
    let told = '';
    while (isOpen()) {
      const reason = await step().then(answered, whyNot);
      if (reason === 'done') {
        if (told !== '') log.info(`${where} is as it should be`);
        return true;
      }
      if (isOpen() && reason !== told) log.warn(`${reason}; trying again`);
      told = reason;
      await pause(retryMs);
    }
    return false;
  }

  function answered(outcome: Outcome): Outcome {
    silentSince = undefined;
    return outcome;
  }

  function whyNot(error: unknown): Outcome {
    const { message, code } = error as { message: string; code?: string };
    const refused = error instanceof MigrationRefused;
    silentSince = refused || !isUnavailable(error) ? undefined : (silentSince ?? performance.now());
    if (!refused) return `${where} is not ready (${message === '' ? code : message})`;
    if (error.kind === 'too-old' && isOpen()) {
      closed.abort();
      onTooOld(message);
    }
    return message;
  }

  const isInOutage = (): boolean => silentSince !== undefined && performance.now() - silentSince >= outageAfterMs;
  return { isUsable: () => usable || isInOutage(), close: () => closed.abort() };
}

/** `done`, or why not. */
type Outcome = string;

async function reported(connectionString: string, version: string): ReturnType<typeof reportVersion> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    application_name: connectionName('primary', version),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await reportVersion(client, version);
  } finally {
    void client.end();
  }
}
