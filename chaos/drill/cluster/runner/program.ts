import { setImmediate as turn } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { readOrExit } from '../../../../service/variables.ts';
import { SYSTEM_CLOCK } from '../../clock.ts';
import { usersFor } from '../../load/demand.ts';
import { journalStore } from '../journal/index.ts';
import { connect } from '../kubernetes.ts';
import { placeAt } from '../place.ts';
import { CHECKS } from '../preflight/checks.ts';
import { obstacleInWords, preflight } from '../preflight/preflight.ts';
import { readDrillSettings } from '../settings.ts';
import { clusterStand } from '../stand/index.ts';
import { DrillUsageError, readArguments, type DrillArguments } from './arguments.ts';
import { makeCredentials } from './credentials.ts';
import { chooseExperiments, drill, EXIT } from './drill.ts';
import { findJob } from './job.ts';
import { writeReport } from './reports.ts';
import { SeatTakenError, takeSeat } from './seat.ts';

// Modules are loaded in one go: a signal that came meanwhile ends the process here, before anything has begun.
await turn();
const clock = SYSTEM_CLOCK;
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const asked = argumentsOrExit();
const { service, identity, databaseUrl, commit } = readOrExit(readDrillSettings);

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const place = placeAt(connect(kubeConfig), service.namespace);
const store = journalStore(place);
const looking = await clusterStand({
  service,
  place,
  store,
  clock,
  credentials: { key: '', sessions: [] },
  commit,
});
const before = { service, place, store, query: looking.query, now: Date.now, bySchedule: asked.by === undefined };

const stopping = new AbortController();
const stop = (): void => stopping.abort(new Error('the drill was told to end'));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

process.exitCode = await run();

async function run(): Promise<number> {
  const { chosen, skipped } = chooseExperiments(looking, service, asked.experiment);
  for (const { id, why } of skipped) write(`skipped: ${id}: ${why}`);
  const obstacles = await preflight({ ...before, seat: undefined }, asked.dryRun ? CHECKS : untilSeated());
  for (const obstacle of obstacles) write(`refused: ${obstacleInWords(obstacle)}`);
  if (asked.dryRun) {
    for (const experiment of chosen) {
      write(`${experiment.id} would touch:`);
      for (const line of looking.touches(experiment)) write(`  ${line}`);
    }
    if (obstacles.length === 0) write('nothing stands in the way of this drill, and nothing was touched');
  }
  if (obstacles.length > 0 || chosen.length === 0) return EXIT.refused;
  return asked.dryRun ? EXIT.done : drillSeated(chosen);
}

/** What an earlier drill has left, a runner that has gone among it, the keeper clears away once there is another one. */
function untilSeated(): typeof CHECKS {
  return CHECKS.filter(({ id }) => id !== 'alone' && id !== 'no-leftovers');
}

async function drillSeated(chosen: Parameters<typeof drill>[0]['experiments']): Promise<number> {
  if (databaseUrl === undefined) {
    write('refused: DATABASE_URL is missing, by which the drill makes the key and the user of its load');
    return EXIT.refused;
  }
  const onError = (error: unknown): void => write(`trouble: ${(error as Error).message}`);
  const by = asked.by ?? identity;
  const seat = await takeSeat({ store, clock, by, onError }).catch((error: unknown) => {
    if (error instanceof SeatTakenError) return error;
    throw error;
  });
  if (seat instanceof Error) {
    write(`refused: ${seat.message}`);
    return EXIT.refused;
  }
  const signal = AbortSignal.any([stopping.signal, seat.lost]);
  let credentials: Awaited<ReturnType<typeof makeCredentials>> | undefined;
  try {
    const { origin } = looking;
    const made = await makeCredentials({
      databaseUrl,
      service,
      origin,
      name: seat.id,
      users: usersFor(chosen, service),
      clock,
      signal,
      onError,
    }).catch((error: unknown) => error as Error);
    if (made instanceof Error) {
      write(`refused: there is no key and no user for the load: ${made.message}`);
      return signal.aborted ? EXIT.aborted : EXIT.refused;
    }
    credentials = made;
    const stand = await clusterStand({
      service,
      place,
      store,
      clock,
      seat,
      credentials: credentials.credentials,
      commit,
    });
    const owner = await findJob(place, identity);
    return await drill({
      experiments: chosen,
      stand,
      seat,
      preflight: { ...before, seat: seat.id },
      clock,
      seed: asked.seed,
      signal,
      write,
      async keep(report) {
        for (const name of await writeReport(place, report, owner)) write(`report: ConfigMap ${name}`);
      },
    });
  } finally {
    // The keeper takes everything back that is wanted no more, whatever became of this program.
    await seat.leave().catch(onError);
    await credentials?.remove();
  }
}

function argumentsOrExit(): DrillArguments {
  try {
    return readArguments(process.argv.slice(2), Math.floor(Date.now() / 1_000));
  } catch (error) {
    if (!(error instanceof DrillUsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(EXIT.refused);
  }
}
