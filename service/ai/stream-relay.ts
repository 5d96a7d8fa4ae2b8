import { Relay } from '../gateway/relay.ts';
import type { EventFilter } from './events.ts';

/** How a stream is passed on. Times in milliseconds. */
export type StreamRelayOptions = {
  readonly filter: EventFilter;
  /** The longest pause between two parts of it. */
  readonly idleMs: number;
  /** Pauses after which a comment says that the stream is alive; default none. */
  readonly heartbeatMs?: number | undefined;
};

const HEARTBEAT = Buffer.from(': alive\n\n');

/**
 * A stream of a provider as the client is to have it. It breaks off when the provider pauses for too long; a client that
 * reads slowly slows the provider down, and one that leaves ends it.
 */
export function relayStream(source: Relay, { filter, idleMs, heartbeatMs }: StreamRelayOptions): Relay {
  let isPaused = false;
  const stop = (): void => {
    clearTimeout(idle);
    clearInterval(heartbeat);
  };
  const relay = new Relay({
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      // Time in which the client read nothing is not the provider's.
      idle.refresh();
      source.resume();
    },
    abort(reason) {
      stop();
      source.cancel(reason);
    },
  });
  const idle = setTimeout(() => {
    // Who is kept waiting by the client says nothing of itself.
    if (isPaused) {
      idle.refresh();
      return;
    }
    stop();
    const reason = new DOMException('The provider paused for too long', 'TimeoutError');
    source.cancel(reason);
    relay.fail(reason);
  }, idleMs);
  const heartbeat =
    heartbeatMs === undefined
      ? undefined
      : setInterval(() => {
          if (filter.isBetween && !isPaused) relay.push(HEARTBEAT);
        }, heartbeatMs);
  source.pipe({
    write(chunk) {
      idle.refresh();
      heartbeat?.refresh();
      const bytes = filter.write(chunk);
      if (bytes.length > 0) relay.push(bytes);
      return !isPaused;
    },
    end() {
      stop();
      const rest = filter.end();
      if (rest.length > 0) relay.push(rest);
      relay.end();
    },
    fail(error) {
      stop();
      relay.fail(error);
    },
  });
  return relay;
}
