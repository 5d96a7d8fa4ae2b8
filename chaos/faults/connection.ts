import type { Socket } from 'node:net';
import { toBytes, toMilliseconds } from '../../service/definition/index.ts';
import type { ProxyFault } from './fault.ts';
import { createExchange } from './http/exchange.ts';
import { createCut, type Cut } from './tcp/cut.ts';
import { createDelay } from './tcp/delay.ts';
import { createFlow, type Shape } from './tcp/flow.ts';
import { createPace } from './tcp/pace.ts';
import { createSwallow } from './tcp/swallow.ts';

/** What has passed so far; the proxy's own to write to. */
export type Passed = { requests: number; bytesIn: number; bytesOut: number };

export type ConnectionOptions = {
  readonly client: Socket;
  readonly protocol: 'tcp' | 'http';
  readonly connectTarget: () => Socket;
  /** The fault that holds now. */
  readonly fault: () => ProxyFault | undefined;
  readonly passed: Passed;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
  /** Both sides are closed. */
  readonly onClosed: () => void;
};

/** A client's connection and the target's, joined. */
export type Connection = {
  /** Takes the fault that holds from now on. */
  apply(): void;
  /** From now on, and for good, nothing passes, and neither side learns of the other's end while the fault lasts. */
  forget(): void;
  end(how: 'reset' | 'close'): void;
};

/** Joins a client to the target: at once, or with the first request of HTTP that is not answered here. */
export function createConnection(options: ConnectionOptions): Connection {
  const { client, protocol, fault, passed, random } = options;
  let target: Socket | undefined;
  let isForgotten = false;
  let cut: Cut | undefined;
  let swallowRequest: ((bytes: number) => void) | undefined;
  let swallowAnswer: ((bytes: number) => void) | undefined;

  const requests = createFlow({ from: () => client, to: () => target ?? openTarget() });
  const answers = createFlow({
    from: () => target,
    to: () => client,
    onWritten: (bytes) => (passed.bytesOut += bytes),
  });
  const exchange =
    protocol === 'tcp'
      ? undefined
      : createExchange({
          status: () => only('status', fault()),
          isSlow: () => fault()?.kind === 'slow-body',
          toTarget: requests.push,
          toClient: answers.push,
          endClient: () => answers.finish('end'),
          onRequest: () => passed.requests++,
          random,
        });

  function openTarget(): Socket {
    const socket = options.connectTarget();
    target = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      if (swallowAnswer) swallowAnswer(chunk.length);
      else answer(chunk);
    });
    socket.on('end', () => {
      if (isForgotten) socket.destroy();
      else if (fault()?.kind === 'status' && exchange?.isIdle() === true && !client.readableEnded) dropTarget(socket);
      else answers.finish('end');
    });
    follow(socket, client);
    return socket;
  }
  /** The client is served from here meanwhile, and need not learn that the target has closed an idle connection. */
  const dropTarget = (socket: Socket): void => {
    target = undefined;
    socket.destroy();
  };
  const answer = (chunk: Buffer): void => {
    const size = cut?.take(chunk.length) ?? chunk.length;
    const bytes = size === chunk.length ? chunk : chunk.subarray(0, size);
    if (exchange) exchange.answer(bytes);
    else answers.push(bytes);
    if (size < chunk.length) answers.finish('reset');
  };
  /** Whatever breaks one side breaks the other, unless a fault keeps that from it. */
  const follow = (socket: Socket, other: Socket | undefined): void => {
    socket.on('error', () => undefined); // 'close' follows, and says that there was one.
    socket.on('close', (hadError) => {
      const isDropped = socket !== client && socket !== target;
      const counterpart = other ?? target;
      if (isForgotten ? !keepsSecrets(fault()) : !isDropped && (hadError || !socket.readableEnded)) reset(counterpart);
      if (client.destroyed) answers.drop();
      if (client.destroyed && (target?.destroyed ?? true)) {
        requests.drop();
        options.onClosed();
      }
    });
  };

  client.setNoDelay(true);
  client.on('data', (chunk) => {
    passed.bytesIn += chunk.length;
    cut?.onRequest();
    if (exchange) exchange.request(chunk);
    else requests.push(chunk);
    swallowRequest?.(chunk.length);
  });
  client.on('end', () => {
    // A peer that has closed cannot be told from one that half-closed and waits; only the first is worth a thought here.
    if (isForgotten) client.destroy();
    else if (target === undefined && requests.isEmpty()) answers.finish('end');
    else requests.finish('end');
  });
  follow(client, undefined);

  const connection: Connection = {
    apply() {
      const now = fault();
      if (isForgotten) {
        if (!keepsSecrets(now) && (client.destroyed || target?.destroyed === true)) connection.end('reset');
        return;
      }
      const cutting = only('cut', now);
      cut = cutting && createCut(cutting.after);
      requests.shape(now?.kind === 'slow-body' ? {} : shapeOf(now, random));
      answers.shape(shapeOf(now, random));
    },
    forget() {
      if (isForgotten) return;
      isForgotten = true;
      requests.drop();
      answers.drop();
      swallowRequest = createSwallow(client);
      swallowAnswer = target && createSwallow(target);
    },
    end(how) {
      requests.drop();
      answers.drop();
      for (const socket of [client, target])
        if (how === 'reset') reset(socket);
        else socket?.destroy();
    },
  };
  const first = fault();
  if (first?.kind === 'black-hole') connection.forget();
  else {
    connection.apply();
    if (protocol === 'tcp') openTarget();
  }
  return connection;
}

function only<K extends ProxyFault['kind']>(
  kind: K,
  fault: ProxyFault | undefined,
): Extract<ProxyFault, { kind: K }> | undefined {
  return fault?.kind === kind ? (fault as Extract<ProxyFault, { kind: K }>) : undefined;
}

/** Under these no news passes, so that an end does not either. */
function keepsSecrets(fault: ProxyFault | undefined): boolean {
  return fault?.kind === 'black-hole' || fault?.kind === 'half-open';
}

function shapeOf(fault: ProxyFault | undefined, random: () => number): Shape {
  switch (fault?.kind) {
    case 'latency': {
      const { latency, jitter = '0s' } = fault;
      return { delay: createDelay(toMilliseconds(latency), toMilliseconds(jitter), random) };
    }
    case 'bandwidth':
      return { pace: createPace(toBytes(fault.perSecond)) };
    case 'slow-body':
      return { pace: createPace(toBytes(fault.perSecond)), onlySlow: true };
    default:
      return {};
  }
}

function reset(socket: Socket | undefined): void {
  if (socket === undefined || socket.destroyed) return;
  // One that is not connected yet would first wait until it is.
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
