import { ENVIRONMENTS, type EnvironmentName } from '../../../service/definition/index.ts';
import { documentOf, printDocument } from '../deploy/documents.ts';
import type { Desk } from '../deploy/desk.ts';
import type { ClusterOptions } from '../deploy/options.ts';
import { EXIT, UnavailableError } from '../errors.ts';
import { CLOCK, type Clock } from './clock.ts';
import { freezeAt, isBlind } from './guard-health.ts';
import { findPlace } from './place.ts';
import { statedQuarantines } from './quarantine-list.ts';
import { readStatus, type Status } from './read-status.ts';
import { statusInWords } from './status-in-words.ts';

/** What `sluice release status` is given; without an environment it tells each that runs on the cluster. */
export type StatusOptions = Omit<ClusterOptions, 'env'> & { readonly env?: EnvironmentName };

/** Tells where the guard is with the release that runs, what is wrong with the guard first; ends with 1 when it is blind. */
export async function status({ env, ...options }: StatusOptions, desk: Desk, clock: Clock = CLOCK): Promise<number> {
  const read = await (env === undefined ? readAll(options, desk, clock) : readOne({ ...options, env }, desk, clock));
  if (!options.json) desk.out(read.map(statusInWords).join('\n'));
  else if (env !== undefined) for (const one of read) printDocument({ env }, desk, stated(one));
  else desk.out(documentOf({ environments: read.map((one) => ({ env: one.place.env, ...stated(one) })) }));
  return read.some(({ findings }) => isBlind(findings)) ? EXIT.failed : EXIT.done;
}

async function readOne(options: ClusterOptions, desk: Desk, clock: Clock): Promise<readonly Status[]> {
  return [await readStatus(await findPlace(options, desk), clock)];
}

/** Every environment that runs on its cluster. Throws an UnavailableError when none does. */
async function readAll(options: Omit<ClusterOptions, 'env'>, desk: Desk, clock: Clock): Promise<readonly Status[]> {
  const missing: string[] = [];
  const read = await Promise.all(
    ENVIRONMENTS.map(async (env) => {
      try {
        return await readOne({ ...options, env }, desk, clock);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        missing.push(error.message);
        return [];
      }
    }),
  );
  if (missing.length === ENVIRONMENTS.length) throw new UnavailableError(missing.join('\n'));
  return read.flat();
}

/** As JSON that a script can rely on: what is not there is null. */
function stated({ place, now, findings, leader, stores, running, proven }: Status): object {
  const { state, inbox, signs, quarantined } = stores;
  return {
    namespace: place.namespace,
    guard: {
      mode: place.service.release.guard.mode,
      leads: leader.leads,
      holder: leader.holder ?? null,
      signs: signs ?? null,
      blind: isBlind(findings),
      findings,
    },
    frozen: freezeAt(inbox, now) ?? null,
    phase: state?.phase ?? null,
    watch: state?.watch ?? null,
    gateway: running.gateway ?? null,
    baseline: running.baseline ?? null,
    withdrawn: running.withdrawn ?? null,
    proven: proven.map(({ revision, obstacle, ...each }) => ({
      ...each,
      revision: revision?.number ?? null,
      obstacle: obstacle ?? null,
    })),
    quarantined: statedQuarantines(quarantined),
  };
}
