import { connect, type Socket } from 'node:net';
import { createConnection, type Connection, type Passed } from './connection.ts';
import type { ProxyFault } from './fault.ts';
import { startListener, type Address } from './listener.ts';

export type ProxyOptions = {
  /** Port 0: any. */
  readonly listen: Address;
  readonly target: Address;
  /** Of `http`, requests are counted, and single ones can be answered or slowed. */
  readonly protocol: 'tcp' | 'http';
  /** Numbers from 0 to 1, for jitter and shares. */
  readonly random: () => number;
};

/** What has passed a proxy since it began. */
export type Counts = {
  /** Connections that were taken. */
  readonly connections: number;
  /** Connections of which a side is open now. */
  readonly open: number;
  /** Requests that reached the proxy, whatever became of them; of `tcp` 0. */
  readonly requests: number;
  /** Bytes that clients sent. */
  readonly bytesIn: number;
  /** Bytes that clients were sent. */
  readonly bytesOut: number;
};

/** A proxy that can be told to misbehave. */
export type Proxy = {
  readonly port: number;
  /**
   * Puts a fault in the place of the one that was; resolves once it is in force. Throws a RangeError, and changes
   * nothing, where the fault reads HTTP and the proxy does not.
   */
  set(fault: ProxyFault): Promise<void>;
  /** Takes the fault back; resolves once nothing of it is left. */
  clear(): Promise<void>;
  /** The fault that holds. */
  fault(): ProxyFault | undefined;
  /** Where it leads. */
  target(): Address;
  /** New connections lead there; those that are stay. */
  lead(target: Address): void;
  counts(): Counts;
  /** Resets every connection and listens no more. */
  close(): Promise<void>;
};

const HTTP_ONLY: readonly ProxyFault['kind'][] = ['status', 'slow-body'];

/** Starts a proxy: with no fault a plain pipe. Rejects when it cannot listen. */
export async function startProxy({ listen, target: first, protocol, random }: ProxyOptions): Promise<Proxy> {
  const connections = new Set<Connection>();
  const passed: Passed = { requests: 0, bytesIn: 0, bytesOut: 0 };
  let taken = 0;
  let target = first;
  let fault: ProxyFault | undefined;
  let onNone: (() => void) | undefined;

  const take = (client: Socket): void => {
    taken++;
    if (fault?.kind === 'reset' || fault?.kind === 'refuse') {
      client.on('error', () => undefined); // Its peer may have been faster.
      client.resetAndDestroy();
      return;
    }
    const connection = createConnection({
      client,
      protocol,
      connectTarget: () => connect({ ...target, allowHalfOpen: true }),
      fault: () => fault,
      passed,
      random,
      onClosed() {
        connections.delete(connection);
        if (connections.size === 0) onNone?.();
      },
    });
    connections.add(connection);
  };
  const listener = await startListener(listen, take);
  const endAll = (how: 'reset' | 'close'): void => connections.forEach((each) => each.end(how));

  const change = async (next: ProxyFault | undefined): Promise<void> => {
    // Nobody at the two ends of a black hole agrees any more on what was sent.
    if (fault?.kind === 'black-hole') endAll('reset');
    fault = next;
    if (next?.kind === 'refuse') {
      listener.shut();
      endAll('close');
    } else if (next?.kind === 'reset') endAll('reset');
    else if (next?.kind === 'black-hole' || next?.kind === 'half-open') connections.forEach((each) => each.forget());
    connections.forEach((each) => each.apply());
    if (next?.kind !== 'refuse') await listener.open();
  };

  return {
    port: listener.port,
    set(next) {
      if (protocol === 'tcp' && HTTP_ONLY.includes(next.kind)) {
        throw new RangeError(`the fault '${next.kind}' needs a proxy of the protocol 'http'; this one is of 'tcp'`);
      }
      return change(next);
    },
    clear: () => change(undefined),
    fault: () => fault,
    target: () => target,
    lead(next) {
      target = next;
    },
    counts: () => ({ connections: taken, open: connections.size, ...passed }),
    async close() {
      listener.close();
      const ended = new Promise<void>((resolve) => (onNone = resolve));
      if (connections.size === 0) return;
      endAll('reset');
      await ended;
    },
  };
}
