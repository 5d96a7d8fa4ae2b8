import type { AlertId } from '../../../alerts/index.ts';
import type { Clock } from '../../../chaos/drill/clock.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../../chaos/drill/load/transport.ts';
import type { GuardEnding, Sample, Stand } from '../../../chaos/drill/stand.ts';
import { definition, type Service } from '../../../service/definition/index.ts';

/** Where in a run something is asked; seconds. */
export type Moment = {
  /** Since the fault was injected, while it is there. */
  readonly fault?: number;
  /** Since it was taken back. */
  readonly after?: number;
};

/** How what is drilled behaves, by the moment. What is left out is well. */
export type Script = {
  readonly service?: Service;
  readonly breakers?: (moment: Moment) => Readonly<Record<string, number>>;
  readonly alerts?: (moment: Moment) => readonly AlertId[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly pods?: (moment: Moment) => { readonly ready: number; readonly wanted: number };
  readonly query?: (promql: string, moment: Moment) => readonly Sample[];
  readonly guard?: (moment: Moment) => Omit<GuardEnding, 'endedAt'> | undefined;
  readonly upstream?: (moment: Moment) => number;
  readonly answer?: (request: HttpRequest, moment: Moment) => HttpAnswer | Error;
  /** Seconds that answers of the gateway take. */
  readonly takes?: (request: HttpRequest, moment: Moment) => number;
  readonly blind?: Partial<Record<Parameters<Stand['blindTo']>[0], string>>;
  readonly leftovers?: readonly string[];
  readonly meansFor?: Stand['meansFor'];
  /** Called before each question; what it throws is the answer. */
  readonly onAsked?: (what: string, moment: Moment) => void;
};

/** A stand that does as a script says, and what was done to it. */
export type SimulatedStand = Stand & { readonly done: string[]; readonly transport: Transport };

/** What a gateway that is well answers. */
export const FINE: HttpAnswer = { status: 200, headers: {}, body: '{"id":"1"}' };

/** An answer that refuses. */
export function problem(status: number, code: string, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers, body: JSON.stringify({ code }) };
}

/** A stand without anything behind it, whose times are a clock's. */
export function simulatedStand(clock: Clock, script: Script = {}): SimulatedStand {
  const done: string[] = [];
  const firingSince = new Map<AlertId, number>();
  let leftovers = [...(script.leftovers ?? [])];
  let injectedAt: number | undefined;
  let revertedAt: number | undefined;

  const moment = (): Moment => {
    if (injectedAt !== undefined) return { fault: (clock.now() - injectedAt) / 1000 };
    return revertedAt === undefined ? {} : { after: (clock.now() - revertedAt) / 1000 };
  };
  const asked = async <T>(what: string, answer: (moment: Moment) => T): Promise<T> => {
    await clock.wait(1);
    script.onAsked?.(what, moment());
    return answer(moment());
  };

  return {
    done,
    target: 'local',
    service: script.service ?? definition.staging,
    origin: 'http://gateway.test',
    credentials: { key: 'key', sessions: ['session'] },
    versions: () => asked('versions', () => ({ gateway: '0.1.0' })),
    blindTo: (kind) => script.blind?.[kind],
    meansFor: script.meansFor ?? (() => ({ means: 'local' })),
    touches: () => [],
    inject: (_experiment, deadline) =>
      asked('inject', () => {
        done.push(`inject ${deadline}`);
        injectedAt = clock.now();
        leftovers.push('a fault');
      }),
    revert: () =>
      asked('revert', () => {
        done.push('revert');
        if (injectedAt !== undefined) revertedAt = clock.now();
        injectedAt = undefined;
        leftovers = [];
      }),
    leftovers: () => asked('leftovers', () => leftovers),
    query: (promql) => asked('query', (now) => script.query?.(promql, now) ?? []),
    alerts: () =>
      asked('alerts', (now) => {
        const firing = script.alerts?.(now) ?? [];
        for (const alert of firingSince.keys()) if (!firing.includes(alert)) firingSince.delete(alert);
        for (const alert of firing) if (!firingSince.has(alert)) firingSince.set(alert, clock.now());
        return [...firingSince].map(([alert, since]) => ({ alert, since, labels: script.labels ?? {} }));
      }),
    breakers: () => asked('breakers', (now) => script.breakers?.(now) ?? {}),
    guardEnding: () =>
      asked('guard', (now) => {
        const ending = script.guard?.(now);
        return ending && { ...ending, endedAt: clock.now() };
      }),
    pods: () => asked('pods', (now) => script.pods?.(now) ?? { ready: 2, wanted: 2 }),
    upstreamRequests: () => asked('upstream', (now) => script.upstream?.(now) ?? 0),
    close: () => Promise.resolve(),
    transport: {
      async send(request) {
        await clock.wait(1000 * (script.takes?.(request, moment()) ?? 0.005));
        const answer = script.answer?.(request, moment()) ?? FINE;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      close: () => undefined,
    },
  };
}
