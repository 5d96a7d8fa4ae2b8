import { createComplaints } from '../../../../alerts/rollback/guard/complaints.ts';
import { createGuard } from '../../../../alerts/rollback/guard/guard.ts';
import type { GuardCluster } from '../../../../alerts/rollback/cluster/index.ts';
import { addEvent, withoutTaken, type Act, type Facts } from '../../../../alerts/rollback/index.ts';
import { createGuardMetrics } from '../../../../alerts/rollback/metrics.ts';
import type { Aims } from '../../../../alerts/rollback/probes.ts';
import { createSigns } from '../../../../alerts/rollback/signs.ts';
import type { Message } from '../../../../alerts/rollback/tell.ts';
import { createWatchdog } from '../../../../alerts/rollback/watchdog.ts';
import { settledDrive, type Drive } from '../drive.ts';

/** What a test lets go wrong, or looks at. */
export type Simulated = ReturnType<typeof simulate>;

/** The guard's own loop, in a simulated environment whose first release is proven good. */
export function simulate(drive: Drive = settledDrive()) {
  const { world, store, traffic, policy } = drive;
  const lines: { readonly text: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  const told: Message[] = [];
  const asked: string[] = [];
  const performed: Act['kind'][] = [];
  const readings: ('whole' | 'since')[] = [];
  const now = () => world.now;
  let aims: Aims = {};
  let lastFacts: Facts | undefined;
  const control = {
    leads: true,
    holder: 'guard-0' as string | undefined,
    /** Called before a state is stored; false: somebody else was faster. */
    beforeWrite: (): boolean => true,
    /** Called before an act; throws where it fails. */
    beforeAct: (_: Act): void => undefined,
    isAway: false,
    /** Requests of the guard itself in the window. */
    sent: 0,
    /** Resolves with whether the receiver has a message. */
    receive: (_: Message): Promise<boolean> => Promise.resolve(true),
  };
  const reachable = <T>(answer: () => T): Promise<T> =>
    control.isAway ? Promise.reject(new Error('the API server does not answer')) : Promise.resolve(answer());
  const signsNoted = { watchdog: 0, prometheus: 0 };
  const cluster: GuardCluster = {
    readFacts: (at, since) =>
      reachable(() => {
        readings.push(since ? 'since' : 'whole');
        // The very facts: a change is tested against what was read with them.
        lastFacts = Object.assign(world.facts(), { now: at });
        return lastFacts;
      }),
    perform: (act) =>
      reachable(() => {
        control.beforeAct(act);
        performed.push(act.kind);
        if (lastFacts) world.execute(act, lastFacts);
      }),
    podAddresses: () => Promise.resolve([]),
    store: {
      read: () =>
        reachable(() => ({
          state: store.state,
          inbox: store.inbox,
          signs: { ...signsNoted },
          version: `${store.version}`,
        })),
      writeState: ({ version }, state) =>
        reachable(() => control.beforeWrite() && store.swap(Number(version), state, withoutTaken(store.inbox, state))),
      addEvent: (event) =>
        reachable(() => {
          const { result, inbox } = addEvent(store.inbox, event, store.state.taken);
          store.inbox = inbox;
          return ({ added: 'accepted', duplicate: 'duplicate', full: 'busy' } as const)[result];
        }),
      writeSigns: (signs) => reachable(() => void Object.assign(signsNoted, signs)),
      writeFreeze: () => Promise.resolve(),
    },
    lease: {
      start: () => undefined,
      leads: () => control.leads,
      holder: () => control.holder,
      stop: () => Promise.resolve(),
    },
  };
  const say = (fields: object, text: string): void => void lines.push({ text, fields: { ...fields } });
  const log = { info: say, error: say } as never;
  const metrics = createGuardMetrics({ now });
  const complain = createComplaints({ log, metrics, now });
  const tell = async (message: Message): Promise<boolean> => {
    const hasArrived = await control.receive(message);
    if (hasArrived) told.push(message);
    return hasArrived;
  };
  const guard = createGuard({
    cluster,
    prometheus: {
      look: ({ release, previous }) => {
        asked.push(`${release} ${previous.join(' ')}`);
        return Promise.resolve(traffic.sample(release, previous[0]));
      },
      answers: () => {
        asked.push('anything');
        return Promise.resolve(traffic.answers);
      },
      problem: () => (traffic.answers ? undefined : 'Prometheus is silent'),
    },
    probes: { aim: (next) => void (aims = next), sent: () => control.sent },
    signs: createSigns({ write: cluster.store.writeSigns, onFailure: (error) => complain('store', error) }),
    watchdog: createWatchdog({ silence: policy.silence, tell }),
    tell,
    metrics,
    policy,
    now,
    log,
    complain,
    wake: () => undefined,
  });
  /** Lets a second pass in the environment, and the guard turn once. */
  const second = async (): Promise<number> => {
    drive.tick();
    const pause = await guard.turn();
    await new Promise((turn) => setImmediate(turn));
    return pause;
  };
  return {
    ...drive,
    guard,
    control,
    lines,
    told,
    asked,
    performed,
    readings,
    signsNoted,
    aims: () => aims,
    second,
    async seconds(count: number): Promise<void> {
      for (let passed = 0; passed < count; passed++) await second();
    },
    async untilEnd(hash: string): Promise<void> {
      for (let passed = 0; passed < 900; passed++) {
        await second();
        if (drive.outcome(hash) !== undefined && store.state.owed.length === 0) return;
      }
      throw new Error(`${hash} did not end in time: ${store.state.phase}`);
    },
    async metric(series: string): Promise<number | undefined> {
      const line = (await metrics.read()).split('\n').find((each) => each.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length));
    },
    withdrawnOf: () => world.withdrawn?.of,
    drive,
  };
}
