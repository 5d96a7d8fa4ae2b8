import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ruleGroups, type AlertId } from '../../../alerts/index.ts';
import { toMilliseconds, type Service } from '../../../service/definition/index.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { Experiment } from '../../experiment.ts';
import { createProxyClient } from '../../faults/index.ts';
import { scaleRules } from '../pace.ts';
import type { FiringAlert, Pace, Sample, Stand } from '../stand.ts';
import { ask, askJson } from './ask.ts';
import { MissingServerError } from './errors.ts';
import { startKeeper, type Keeper } from './keeper.ts';
import type { StandAddresses, StandSettings } from './keeper/messages.ts';
import { endLeftovers } from './leftovers.ts';
import { describeFault, localFaultOf } from './means.ts';
import { readMetric } from './metrics-page.ts';
import { ownProcess } from './record.ts';
import { findServers, missing, WATCHING } from './server-programs.ts';
import { startSink, type Told } from './sink.ts';
import { commitOf, versionsOf } from './versions.ts';

/** What a local stand is made of. */
export type LocalStandOptions = {
  /** What runs, with the values of `localValues`. */
  readonly service: Service;
  readonly experiment: Experiment;
  readonly pace: Pace;
  /** Says which worker of the gateway a fault is done to. */
  readonly seed: number;
  /** Told in a line what somebody who looks on has to know. */
  readonly log: (line: string) => void;
  /** Folder of what lets the next drill find what is left of this one. Default `.sluice/drill` of the project. */
  readonly state?: string;
  /** Where servers are looked for, as in PATH. Default PATH. */
  readonly path?: string;
};

/** A stand of programs on this machine, and all that its Alertmanager told somebody. */
export type LocalStand = Stand & { readonly told: () => readonly Told[] };

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const STATE = join(PROJECT, '.sluice', 'drill');

/**
 * Starts the real gateway, what it needs, and what watches it, with a fault proxy between the gateway and each of its
 * dependencies. What a drill before has left is ended first. Throws a MissingServerError where a server is not there
 * without which there is nothing to see, and a DrillRunsError where another drill runs; nothing is left running.
 */
export async function startLocalStand(options: LocalStandOptions): Promise<LocalStand> {
  const { service, experiment, pace, seed, log, state = STATE, path } = options;
  const servers = findServers(path);
  if (servers.redis === undefined) throw new MissingServerError(`A local drill needs Redis: ${missing('redis')}.`);
  let found = await endLeftovers(state);
  const [sink, commit] = [await startSink(), (await commitOf(PROJECT)) ?? 'unknown'];
  const settings: StandSettings = {
    service,
    factor: pace.factor,
    seed,
    experiment: experiment.id,
    drill: ownProcess(),
    state,
    sink: sink.origin,
    commit,
    servers,
  };
  const { keeper, addresses } = await startPrograms(settings, log).catch(async (error: unknown) => {
    await sink.close();
    throw error;
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= Promise.all([stop(keeper, state), sink.close()]).then(() => undefined));
  void keeper.ended.then(() => {
    if (!closing) log('the keeper of the stand has ended: nothing can be taken back any more but by ending the drill');
  });
  const { origin, ops, prometheus, credentials } = addresses;
  const proxies = createProxyClient({ origin: addresses.proxies });
  const absent = WATCHING.find((id) => servers[id] === undefined);
  const pending = pendingTimes(service, pace.factor);
  const askPrometheus = async <T>(question: string): Promise<T> => {
    if (prometheus === undefined) throw new Error(missing('prometheus'));
    return (await askJson<{ readonly data: T }>(`${prometheus}/api/v1/${question}`)).data;
  };
  const metric = async (wanted: { readonly name: string }): Promise<readonly Sample[]> =>
    readMetric((await ask(`${ops}/metrics`)).text, wanted);
  return {
    target: 'local',
    service,
    origin,
    credentials: { key: credentials.key, sessions: [credentials.session] },
    told: () => sink.told,
    versions: async () => ({
      sluice: `${service.version}-${commit}`,
      node: process.versions.node,
      postgres: addresses.postgres,
      ...(await versionsOf(servers)),
    }),
    blindTo(kind) {
      if (kind === 'guard') return 'a laptop has no releases, and so no guard';
      if (kind === 'alert') return absent && missing(absent);
      if (kind === 'query') return prometheus === undefined ? missing('prometheus') : undefined;
      return undefined;
    },
    meansFor(asked) {
      const means = localFaultOf(asked, servers);
      return 'skipped' in means ? means : { means: 'local' };
    },
    touches(asked) {
      const means = localFaultOf(asked, servers);
      return 'skipped' in means ? [] : describeFault(means.fault).map((line) => `${line} (of this drill alone)`);
    },
    async inject(asked, deadline) {
      const means = localFaultOf(asked, servers);
      if ('skipped' in means) throw new Error(`${asked.id} cannot be done here: ${means.skipped}`);
      const { fault } = means;
      await keeper.call('inject', { fault, title: describeFault(fault).join(', '), deadline });
    },
    async revert() {
      found = [];
      if (!closing) await keeper.call('revert', undefined);
    },
    leftovers: () => Promise.resolve(found),
    async query(promql) {
      const { resultType, result } = await askPrometheus<Result>(`query?query=${encodeURIComponent(promql)}`);
      if (resultType === 'scalar') return [{ labels: {}, value: Number(result[1]) }];
      return result.map(({ metric: labels, value }) => ({ labels, value: Number(value[1]) }));
    },
    async alerts() {
      const { alerts } = await askPrometheus<Alerts>('alerts');
      return alerts
        .filter(({ state: is }) => is === 'firing')
        .map(({ labels, activeAt }): FiringAlert => {
          const alert = labels.alertname as AlertId;
          return { alert, labels, since: Date.parse(activeAt) + (pending.get(alert) ?? 0) };
        });
    },
    async breakers() {
      const samples = await metric(METRICS.breakersOpen);
      return Object.fromEntries(samples.map(({ labels, value }) => [labels.breaker ?? '', value]));
    },
    guardEnding: () => Promise.resolve(undefined),
    async pods() {
      const [workers] = await metric(METRICS.workers);
      return { ready: workers?.value ?? 0, wanted: service.gateway.workers };
    },
    async upstreamRequests() {
      const upstream = (await proxies.list()).find(({ name }) => name === 'upstream');
      if (!upstream) throw new Error('there is no proxy in front of the upstream');
      return upstream.counts.requests;
    },
    close,
  };
}

/** What passes by itself: somebody else was faster to take a port. */
const PASSING = /in use/i;
const TRIES = 3;

async function startPrograms(
  settings: StandSettings,
  log: (line: string) => void,
  tries = TRIES,
): Promise<{ readonly keeper: Keeper; readonly addresses: StandAddresses }> {
  const keeper = startKeeper(log);
  try {
    return { keeper, addresses: await keeper.call('start', settings) };
  } catch (error) {
    // What is there may be another drill's, where that is what it failed for.
    await stop(keeper, settings.state).catch(() => undefined);
    if (tries === 1 || !PASSING.test((error as Error).message)) throw error;
    return startPrograms(settings, log, tries - 1);
  }
}

async function stop(keeper: Keeper, state: string): Promise<void> {
  await keeper.call('stop', undefined).catch(() => undefined);
  await keeper.ended;
  // One that was killed has to be cleaned up after.
  await endLeftovers(state);
}

type Value = readonly [at: number, value: string];
type Result =
  | { readonly resultType: 'scalar'; readonly result: Value }
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: Value }[];
    };
type Alerts = {
  readonly alerts: readonly {
    readonly state: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly activeAt: string;
  }[];
};

/** How long an alert waits until it fires: Prometheus says since when it waits. */
function pendingTimes(service: Service, factor: number): ReadonlyMap<AlertId, number> {
  const rules = scaleRules(ruleGroups(service), factor).groups.flatMap((group) => group.rules);
  return new Map(
    rules.flatMap((rule) => ('alert' in rule ? [[rule.alert as AlertId, toMilliseconds(rule.for)] as const] : [])),
  );
}
