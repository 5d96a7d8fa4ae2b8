import type { Provider } from '../../ai/index.ts';
import type { Config } from '../../config.ts';
import type { ManagedBreaker } from '../../resilience/index.ts';
import { LABEL_VALUES, METRICS, OTHER_MODEL } from '../../telemetry/catalogue.ts';
import type { Cells } from '../../telemetry/cells.ts';
import type { Log } from '../../telemetry/log.ts';
import { createUpstreamClient, type UpstreamClient } from '../upstream/index.ts';
import { modelBreaker } from './breakers.ts';

/** The providers of models that can be asked. */
export type Providers = {
  readonly all: Readonly<Record<string, Provider>>;
  close(): Promise<void>;
};

/** What they are connected with. */
export type ProvidersOptions = {
  readonly config: Config;
  /** Where a provider without an address of its own is. */
  readonly upstream: UpstreamClient;
  readonly breakers: ReadonlyMap<string, ManagedBreaker>;
  readonly cells: Cells;
  readonly log: Log;
};

/** The interface of OpenAI at the upstream. */
const UPSTREAM_PATH = '/v1';

/** Connects every provider whose key is there, or that takes none; says which are left out. */
export function connectProviders({ config, upstream, breakers, cells, log }: ProvidersOptions): Providers {
  const { service, providerKeys } = config;
  const all: Record<string, Provider> = {};
  const clients: UpstreamClient[] = [];
  for (const [id, { baseUrl, key, models }] of Object.entries(service.ai.providers)) {
    const secret = key === undefined ? undefined : providerKeys[key];
    if (key !== undefined && secret === undefined) {
      log.info({ provider: id, variable: key }, 'a provider of models is left out: its key is not there');
      continue;
    }
    const { origin, pathname } = new URL(baseUrl ?? 'http://upstream');
    const client =
      baseUrl === undefined
        ? upstream
        : createUpstreamClient({
            origin,
            // Its answers have the time of their route.
            settings: { ...service.upstream, budget: service.gateway.requestTimeout },
            onAttempt: cells.counters(METRICS.upstreamAttempts, 'outcome', LABEL_VALUES.outcome),
          });
    if (client !== upstream) clients.push(client);
    all[id] = {
      client,
      path: baseUrl === undefined ? UPSTREAM_PATH : pathname === '/' ? '' : pathname,
      headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
      breakerOf: (model) => breakers.get(modelBreaker(id, Object.hasOwn(models, model) ? model : OTHER_MODEL)),
    };
  }
  return {
    all,
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
