import { mergeAsRead } from './changes.ts';
import type { Connection } from './connection.ts';
import { ClusterError } from './errors.ts';
import type { Lease } from './guard-cluster.ts';
import type { LiveObject } from './live-object.ts';

/** Who stands for leader, and what it goes by. */
export type LeaseOptions = {
  /** What no other guard is called. */
  readonly identity: string;
  /** Monotonic time in milliseconds: clocks of two machines are never compared. */
  readonly now: () => number;
  /** Waits so many milliseconds, or until it is stopped. */
  readonly pause: (milliseconds: number, stopped: AbortSignal) => Promise<void>;
  /** Told of each try that failed. */
  readonly onError: (error: unknown) => void;
};

/** How long a Lease counts when nobody renews it. */
export const LEASE_MS = 10_000;
/** From one try to take or renew it to the next. */
export const RENEW_MS = 3_000;
/** When a leader that could not renew it takes itself for none: before anybody else may. */
export const LEADS_FOR_MS = 8_000;

const SECOND = 1_000;

type Spec = {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
};

/**
 * Leader election by a Lease that the manifests bring. As client-go does it: a holder is gone when what it wrote has not
 * changed for the time of the Lease, by the clock of whoever looks.
 */
export function leaseAt(connection: Connection, path: string, options: LeaseOptions): Lease {
  const { identity, now, pause, onError } = options;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let lease: LiveObject | undefined;
  let seen = { text: '', at: 0 };
  let renewedAt: number | undefined;

  /** What stands in the Lease, and since when by the own clock. */
  function look(found: LiveObject): Spec {
    lease = found;
    const spec = (found.spec ?? {}) as Spec;
    const text = JSON.stringify(spec);
    if (text !== seen.text) seen = { text, at: now() };
    return spec;
  }

  async function write(spec: Spec | Readonly<Record<string, unknown>>): Promise<boolean> {
    // Before the answer: from then on the others may count.
    const startedAt = now();
    const written = lease && (await mergeAsRead(connection, path, lease, { spec }));
    if (!written) return false;
    look(written);
    renewedAt = startedAt;
    return true;
  }

  async function attempt(): Promise<void> {
    // Who holds it writes on what it wrote last; a reading is needed only when somebody else wrote.
    if (renewedAt !== undefined && (await write({ renewTime: microTime() }))) return;
    const found = await connection.get(path, 'get Lease');
    if (found === undefined) throw new ClusterError('failed', missing(path));
    const spec = look(found as LiveObject);
    const { holderIdentity = '', leaseTransitions = 0 } = spec;
    const isMine = holderIdentity === identity;
    if (!isMine) renewedAt = undefined;
    if (!isMine && holderIdentity !== '' && now() - seen.at < durationOf(spec)) return;
    const time = microTime();
    await write({
      holderIdentity: identity,
      leaseDurationSeconds: LEASE_MS / SECOND,
      renewTime: time,
      ...(!isMine && { acquireTime: time, leaseTransitions: leaseTransitions + 1 }),
    });
  }

  async function stand(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        onError(error);
      }
      await pause(RENEW_MS, stopping.signal);
    }
  }

  const leads = (): boolean => renewedAt !== undefined && now() - renewedAt < LEADS_FOR_MS;

  return {
    start() {
      running = stand();
    },
    leads,
    holder() {
      const spec = (lease?.spec ?? {}) as Spec;
      return now() - seen.at < durationOf(spec) ? spec.holderIdentity : undefined;
    },
    async stop() {
      stopping.abort();
      await running;
      if (!leads()) return;
      try {
        await write({ holderIdentity: null, renewTime: microTime() });
      } catch (error) {
        onError(error);
      }
      renewedAt = undefined;
    },
  };
}

/** For people alone: no clock is compared with it. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

function durationOf({ leaseDurationSeconds }: Spec): number {
  return leaseDurationSeconds === undefined ? LEASE_MS : leaseDurationSeconds * SECOND;
}

function missing(path: string): string {
  return `there is no Lease at ${path}; the manifests of an environment with a guard bring it: deploy them`;
}
