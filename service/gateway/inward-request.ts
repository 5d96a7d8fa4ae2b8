import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { DetachedExchange } from './detached-exchange.ts';
import { Exchange } from './exchange.ts';
import { Problem } from './problem.ts';
import { PROBLEMS } from './problem-table.ts';
import type { Router } from './router.ts';
import type { Stage } from './stage.ts';
import { createTargets } from './targets.ts';

/** Asks for a path and answers the status. */
export type InwardRequests = (path: string, signal: AbortSignal) => Promise<number>;

/** Requests that the gateway makes of itself, without a client: what they are answered with goes nowhere. */
export function createInwardRequests(router: Router, answer: Stage): InwardRequests {
  const routed = createTargets(router);
  return async (path, signal) => {
    const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: path });
    const asked = new Exchange({
      request,
      response: new ServerResponse(request),
      requestId: 'inward',
      startedAt: performance.now(),
      ...routed('GET', path),
    });
    const exchange = new DetachedExchange(asked, { abandoned: signal, anonymous: false });
    try {
      return (await answer(exchange))?.status ?? PROBLEMS['internal-error'].status;
    } catch (error) {
      if (error instanceof Problem) return PROBLEMS[error.code].status;
      throw error;
    } finally {
      exchange.end();
    }
  };
}
