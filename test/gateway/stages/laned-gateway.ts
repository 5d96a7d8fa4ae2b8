import type { AddressInfo } from 'node:net';
import { definition, withValues, type Service } from '../../../service/definition/index.ts';
import type { Handler } from '../../../service/gateway/exchange.ts';
import { createListener } from '../../../service/gateway/listener.ts';
import { createRouter } from '../../../service/gateway/router.ts';
import type { Outcome } from '../../../service/gateway/sender.ts';
import { inOrder, type Stage } from '../../../service/gateway/stage.ts';
import { lane } from '../../../service/gateway/stages/lane.ts';
import { createLanes, type Lanes, type LanesOptions } from '../../../service/resilience/index.ts';

/** A gateway in this process whose pipeline is the lanes alone. */
export type LanedGateway = {
  readonly port: number;
  readonly lanes: Lanes;
  readonly outcomes: Outcome[];
  close(): Promise<void>;
};

/** What differs from the definition. */
export type LanedOptions = {
  /** Values of the definition, such as `resilience.maxInFlight=2`. */
  readonly values?: readonly string[];
  readonly limits?: LanesOptions['limits'];
  /** Stands before the lanes; `laned` is their stage. */
  readonly before?: (laned: Stage) => Stage;
};

/** Starts it on a free port; a route without a handler answers 200 and its name. */
export async function startLanedGateway(
  handlers: Readonly<Record<string, Handler>>,
  { values = [], limits = {}, before = (laned) => laned }: LanedOptions = {},
): Promise<LanedGateway> {
  const service: Service = withValues(definition.dev, ['resilience.minConcurrency=1', ...values]);
  const lanes = createLanes({ settings: service.resilience, limits });
  const names = Object.keys(service.routes).map((id): [string, Handler] => [
    id,
    () => ({ status: 200, headers: [], body: id }),
  ]);
  const outcomes: Outcome[] = [];
  let requests = 0;
  const server = createListener({
    service,
    router: createRouter(service.routes, { ...Object.fromEntries(names), ...handlers }),
    answer: inOrder([before(lane({ lanes, origin: (exchange) => exchange.route.handler(exchange) }))]),
    nextId: () => `id-${requests++}`,
    onStart: () => undefined,
    onEnd: (outcome) => outcomes.push(outcome),
    isDraining: () => false,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    lanes,
    outcomes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
