import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGuardMetrics } from '../../../alerts/rollback/metrics.ts';
import { EMPTY_STATE, type State, type Watch } from '../../../alerts/rollback/state.ts';

/** What tells Prometheus that a release is watched, as the guard does. */
export type WatchingGuard = { readonly address: string; stop(): Promise<void> };

const WATCH: Omit<Watch, 'hash' | 'id' | 'seenAt'> = {
  release: { id: 'bad', image: 'sluice@sha256:0', configuration: 'gateway-config-0' },
  version: '0.1.0',
  safeFrom: '0.0.0',
  samples: [],
};

/** Serves the guard's metrics, of one that leads, watches a release and has just heard of everybody. */
export async function startWatchingGuard(hash: string): Promise<WatchingGuard> {
  const metrics = createGuardMetrics({ now: Date.now });
  const leadsSince = Date.now();
  const state: State = { ...EMPTY_STATE, phase: 'watching', watch: { ...WATCH, hash, id: hash, seenAt: leadsSince } };
  const server = createServer((_, response) => {
    const signs = { watchdog: Date.now(), prometheus: Date.now() };
    metrics.show({ leadsSince, state, signs, quarantined: 0, frozen: false });
    void metrics
      .read()
      .then((text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
