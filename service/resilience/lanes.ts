import type { Lane, ResilienceSettings } from '../definition/index.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { DrainEstimate } from './internal/drain-estimate.ts';
import { LaneState } from './internal/lane-state.ts';
import { Place, type PlaceKeeper } from './internal/place.ts';
import type { Permit, Refusal, ShedReason } from './permit.ts';
import { shareOf } from './share.ts';

/** What the lanes of a worker are made from. */
export type LanesOptions = {
  /** Of a pod; a worker takes its share. */
  readonly settings: Pick<ResilienceSettings, 'maxInFlight' | 'maxStreams' | 'lanes'>;
  /** Workers that share a pod's numbers; default 1. */
  readonly workers?: number;
  /** How many a lane works on at once, never above the worker's share of its concurrency; default is that share. */
  readonly limits?: Readonly<Partial<Record<Lane, ConcurrencyLimit>>>;
  /** Told of each request that is refused a place, by its lane. */
  readonly onShed?: (lane: Lane, reason: ShedReason) => void;
  /** Monotonic clock in milliseconds; default performance.now. */
  readonly now?: () => number;
  /** From 0 to 1, for the seconds that a refused request is told; default Math.random. */
  readonly random?: () => number;
};

/** What the lanes hold now. */
export type LanesMeasure = {
  /** At work or waiting, over all lanes, without streams. */
  readonly inFlight: number;
  readonly streams: number;
  readonly lanes: Readonly<
    Record<Lane, { readonly working: number; readonly waiting: number; readonly limit: number }>
  >;
};

/** Places for requests, by lane. */
export type Lanes = {
  /**
   * A place at work, or one in the queue, or a refusal (which has a `reason`). `signal` is asked for only where the
   * request has to wait; when it has aborted by then, its reason is thrown and nothing is taken. `upstream`: whether it
   * will call the upstream; default false.
   */
  enter(lane: Lane, signal: () => AbortSignal, upstream?: boolean): Permit | Refusal;
  measure(): LanesMeasure;
};

/** The share of all that may be in flight up to which background requests are taken in. */
export const BACKGROUND_CEILING = 0.8;

/**
 * Keeps lanes apart. Each works on its own number of requests at once and lets some wait, in the order they came.
 * Over both, at most `maxInFlight` are at work or waiting:
 * - background is taken in only below four fifths of it;
 * - where it is reached, a background request that waits gives way to a critical one.
 * So background holds at most the smaller of its concurrency and four fifths against a critical request, however many
 * come: as long as fewer critical requests are in flight than `maxInFlight` less that, none is refused or waits for
 * any reason but critical's own concurrency.
 *
 * Within a lane, requests that call the upstream work on at most their share of what the lane works on at once
 * (`upstream`), also while that adapts. The rest is kept for those that need none: as long as fewer of them are in flight
 * than that, none waits or is refused for any request that waits for the upstream: those wait only while the pod has
 * room for the others too, and where it fills up later, one of them gives way. So it does in a full queue, to as many as
 * the same share leaves there.
 * What waits gets no place after `maxWait` or the abort of its signal. Streams are counted apart, against `maxStreams`.
 */
export function createLanes({
  settings,
  workers = 1,
  limits = {},
  onShed = () => undefined,
  now = () => performance.now(),
  random = Math.random,
}: LanesOptions): Lanes {
  const maxInFlight = shareOf(settings.maxInFlight, workers);
  const maxStreams = shareOf(settings.maxStreams, workers);
  const ceilings = { critical: maxInFlight, background: shareOf(maxInFlight * BACKGROUND_CEILING, 1) };
  const create = (name: Lane): LaneState<Place> =>
    new LaneState(name, settings.lanes[name], workers, ceilings[name], limits[name]);
  const lanes = { critical: create('critical'), background: create('background') };
  const streamDrain = new DrainEstimate();
  let inFlight = 0;
  let streams = 0;

  const refuse = ({ name, drain, waiting, limit }: LaneState<Place>, reason: ShedReason, time: number): Refusal => {
    onShed(name, reason);
    return { lane: name, reason, retryAfterSeconds: drain.retryAfterSeconds(waiting, limit, time, random) };
  };
  const shed = (place: Place, reason: ShedReason, time: number): void => {
    stepOut(place);
    place.answer(refuse(place.lane, reason, time));
  };
  const stepOut = (place: Place): void => {
    place.lane.leave(place);
    place.state = 'over';
    inFlight--;
  };
  const begin = (place: Place, time: number): void => {
    const { lane } = place;
    if (lane.working === 0) lane.drain.begin(time);
    place.state = 'working';
    place.startedAt = time;
    place.together = ++lane.working;
    if (place.upstream) lane.calling++;
  };
  const serve = (lane: LaneState<Place>, time: number): void => {
    for (let { next } = lane; next; { next } = lane) {
      if (time >= next.expiresAt) {
        shed(next, 'max-wait', time);
        continue;
      }
      lane.leave(next);
      begin(next, time);
      next.answer(undefined);
    }
  };
  /** One timer for a lane: who came first has waited long enough first. */
  const watch = (lane: LaneState<Place>, time: number): void => {
    const { oldest } = lane;
    if (!oldest || lane.timer) return;
    lane.timer = setTimeout(
      () => {
        lane.timer = undefined;
        const later = now();
        for (let next = lane.oldest; next && next.expiresAt <= later; next = lane.oldest) shed(next, 'max-wait', later);
        watch(lane, later);
      },
      Math.ceil(oldest.expiresAt - time),
    );
    lane.timer.unref();
  };
  const wait = (place: Place, signal: AbortSignal, time: number): void => {
    inFlight++;
    place.expiresAt = time + place.lane.maxWaitMs;
    place.wait(signal);
    place.lane.join(place);
    watch(place.lane, time);
  };
  const keeper: PlaceKeeper = {
    observe(place, dropped) {
      if (place.observed || place.state !== 'working') return;
      place.observed = true;
      const time = now();
      place.lane.observed.observe(time - place.startedAt, place.together, dropped);
      serve(place.lane, time);
    },
    becomeStream(place) {
      if (place.state !== 'working') return undefined;
      const time = now();
      if (streams >= maxStreams) {
        onShed(place.lane.name, 'streams');
        const retryAfterSeconds = streamDrain.retryAfterSeconds(0, maxStreams, time, random);
        return { lane: place.lane.name, reason: 'streams', retryAfterSeconds };
      }
      endWork(place, time);
      if (streams === 0) streamDrain.begin(time);
      streams++;
      place.state = 'streaming';
      place.startedAt = time;
      return undefined;
    },
    release(place) {
      const { state } = place;
      if (state === 'over') return;
      if (state === 'waiting') {
        stepOut(place);
        place.giveUp();
        return;
      }
      const time = now();
      place.state = 'over';
      if (state === 'working') {
        endWork(place, time);
        return;
      }
      streams--;
      streamDrain.ended(time, time - place.startedAt);
    },
  };
  const endWork = ({ lane, upstream, startedAt }: Place, time: number): void => {
    inFlight--;
    lane.working--;
    if (upstream) lane.calling--;
    lane.drain.ended(time, time - startedAt);
    serve(lane, time);
  };
  return {
    enter(name, signal, upstream = false) {
      const lane = lanes[name];
      const time = now();
      // A limit that has risen since the last request ended has room for those who wait.
      serve(lane, time);
      const full = inFlight >= lane.ceiling;
      let yielding = full && lane === lanes.critical ? lanes.background.toDisplace : undefined;
      const place = new Place(keeper, lane, upstream);
      if (lane.hasRoom(upstream)) {
        // Whoever waits for the upstream now has its share full: what is left is not for it.
        if (full && !upstream) yielding ??= lane.callerToDisplace;
        if (full && !yielding) return refuse(lane, 'in-flight', time);
        if (yielding) shed(yielding, 'displaced', time);
        inFlight++;
        begin(place, time);
        return place;
      }
      // Whoever waits for the upstream leaves room in the pod for what may still begin without it.
      const room = inFlight + lane.free < lane.ceiling || yielding !== undefined;
      if (!room || lane.waiting >= lane.queue) {
        yielding = lane.toReplace(upstream);
        if (!yielding) return refuse(lane, room ? 'queue-full' : 'in-flight', time);
      }
      const abort = signal();
      abort.throwIfAborted();
      if (yielding) shed(yielding, 'displaced', time);
      wait(place, abort, time);
      return place;
    },
    measure() {
      const of = ({ working, waiting, limit }: LaneState<Place>) => ({ working, waiting, limit });
      return { inFlight, streams, lanes: { critical: of(lanes.critical), background: of(lanes.background) } };
    },
  };
}
