import { join, resolve } from 'node:path';
import { mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createApiKey, setUserPassword } from '../../../service/app/index.ts';
import { definition } from '../../../service/definition/index.ts';
import { startEmbeddedPostgres } from '../../../service/store/embedded-postgres.ts';
import { findFreePort } from '../../../service/store/free-port.ts';
import { migrate } from '../../../service/store/migrate.ts';
import { createDatabase } from '../../../service/store/postgres.ts';
import { checkedSynthesis } from '../../checked-synthesis.ts';
import { findCommit, writeSyntheses } from '../../synth/index.ts';
import { PROJECT, startChild, type Running } from './child.ts';

/** What a visitor can try the gateway with; made anew at every start. */
export type Demo = { readonly user: string; readonly password: string; readonly key: string };

/** What the sample application runs on. */
export type ApplicationParts = {
  readonly variables: Readonly<Record<string, string>>;
  readonly demo: Demo | undefined;
  /** Kubernetes objects that were written. */
  readonly objects: number;
};

const service = definition.dev;
/** Enough to try everything, and a limit that can be reached. */
const DEMO_TIER = 'pro';

/** Synthesizes the stack, starts the sample upstream and, without DATABASE_URL, a Postgres; each is added to `running`. */
export async function startApplication(
  running: Running[],
  { state, out }: { state: string; out: string },
): Promise<ApplicationParts> {
  const stateFolder = resolve(PROJECT, state);
  mkdirSync(stateFolder, { recursive: true });
  const upstreamPort = await findFreePort();
  running.push(
    startChild('service/upstream/main.ts', { PORT: String(upstreamPort), HOST: '127.0.0.1', LOG_LEVEL: 'warn' }),
  );
  const [databaseUrl, objects] = [await databaseAddress(running, stateFolder), synthesizeDev(resolve(PROJECT, out))];
  return {
    variables: {
      DATABASE_URL: databaseUrl,
      UPSTREAM_ORIGIN: process.env.UPSTREAM_ORIGIN ?? `http://127.0.0.1:${upstreamPort}`,
      SLUICE_COMMIT: findCommit() ?? 'unknown',
    },
    objects,
    // Another's database gets no demo user.
    demo: process.env.DATABASE_URL === undefined ? await createDemo(databaseUrl) : undefined,
  };
}

/** Checks dev and writes it; gives the number of its Kubernetes objects. */
function synthesizeDev(out: string): number {
  const synthesis = checkedSynthesis(service, findCommit());
  writeSyntheses([synthesis], out);
  return synthesis.manifests.length;
}

async function databaseAddress(running: Running[], state: string): Promise<string> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined) return given;
  const postgres = await startEmbeddedPostgres({
    directory: join(state, 'postgres'),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  running.push(postgres);
  return postgres.connectionString;
}

async function createDemo(connectionString: string): Promise<Demo> {
  await migrate(connectionString, { log: () => undefined });
  const { acquireTimeout, statementTimeout } = service.datastores.postgres;
  const database = createDatabase({
    connectionString,
    pools: { critical: 1, background: 1 },
    acquireTimeout,
    statementTimeout,
    onError: () => undefined,
  });
  try {
    const password = randomBytes(9).toString('base64url');
    await setUserPassword(database, 'demo', password);
    const { key } = await createApiKey(database, { owner: 'demo', name: 'demo', tier: DEMO_TIER });
    return { user: 'demo', password, key };
  } finally {
    await database.close();
  }
}
