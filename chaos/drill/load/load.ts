import type { Lane, Service } from '../../../service/definition/index.ts';
import type { Experiment } from '../../experiment.ts';
import type { Clock } from '../clock.ts';
import type { Stand } from '../stand.ts';
import { ASKS } from './asks.ts';
import { LATE_MS, type SentRequest } from './request.ts';
import { createSchedule, type Arrival } from './schedule.ts';
import { createSender } from './sender.ts';
import type { Transport } from './transport.ts';

/** What a load is made of. */
export type LoadOptions = {
  readonly service: Service;
  readonly load: Experiment['load'];
  readonly seed: number;
  readonly credentials: Stand['credentials'];
  readonly transport: Transport;
  readonly clock: Clock;
};

/** A load that goes on until it is stopped. */
export type Load = {
  /** Every request so far, in the order in which they were sent. */
  readonly requests: readonly SentRequest[];
  /** Sends nothing more, and resolves when everything under way has ended. */
  stop(): Promise<void>;
};

// Longer than any load lasts; a timer takes no more than 24 days.
const LONG_MS = 3_600_000;

/**
 * Asks in an open loop: each request is sent when it is due, however many are under way. What fails is tried once more,
 * as a client with one retry does.
 */
export function startLoad({ service, load, seed, credentials, transport, clock }: LoadOptions): Load {
  const startedAt = clock.now();
  const schedule = createSchedule(load, seed);
  const context = { service, run: startedAt.toString(36) };
  const send = createSender({ context, credentials, transport, clock });
  const requests: SentRequest[] = [];
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  const ask = async (arrival: Arrival): Promise<void> => {
    const at = clock.now();
    const request: { -readonly [Key in keyof SentRequest]: SentRequest[Key] } = {
      ask: arrival.ask,
      lane: laneOf(arrival.ask, service),
      at,
      late: at - startedAt - arrival.due > LATE_MS,
    };
    requests.push(request);
    const sending = send(arrival);
    request.first = await sending.attempt();
    const { failure } = request.first;
    if (failure?.again !== true) return;
    await clock.wait(failure.pause);
    request.second = await sending.attempt();
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const pause = startedAt + schedule.nextDue() - clock.now();
      if (pause > 0) await clock.wait(Math.min(pause, LONG_MS), stopping.signal);
      if (isOver(stopping)) return;
      for (const arrival of schedule.take(clock.now() - startedAt)) {
        const asked = ask(arrival).finally(() => underWay.delete(asked));
        underWay.add(asked);
      }
    }
  };
  const running = run();

  return {
    requests,
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(underWay);
    },
  };
}

/** The lane of a kind of request, by its route. Throws where the definition lacks the route. */
export function laneOf(ask: keyof typeof ASKS, { routes }: Service): Lane {
  const { route } = ASKS[ask];
  const lane = routes[route]?.lane;
  if (lane === undefined) throw new Error(`the definition has no route '${route}', which the load asks for`);
  return lane;
}

// Of a function, so that the compiler does not take the signal for what it was before the wait.
function isOver({ signal }: AbortController): boolean {
  return signal.aborted;
}
