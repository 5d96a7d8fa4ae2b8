import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAi, type Ai, type Provider } from '../../service/ai/index.ts';
import type { AnswerCache } from '../../service/cache/index.ts';
import { definition, listedModels, type Service } from '../../service/definition/index.ts';
import { createUpstreamClient, type UpstreamClient } from '../../service/gateway/upstream/index.ts';
import { createMemoryLimits, type MemoryLimits, type ReservingStore } from '../../service/limit/index.ts';
import { createLanes, type Lanes } from '../../service/resilience/index.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { aiSettings, type SomeAiSettings } from './ai-settings.ts';

/** What a provider of a test does with a question. */
export type Script = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A provider that answers as a test says. */
export type ScriptedProvider = {
  script: Script;
  /** Bodies of all questions so far. */
  readonly asked: string[];
  /** Requests that are being answered. */
  open(): number;
  readonly provider: Provider;
  close(): Promise<void>;
};

/** Starts a provider. */
export async function startProvider(script: Script = () => undefined): Promise<ScriptedProvider> {
  const open = new Set<ServerResponse>();
  const started = { script, asked: [] as string[] };
  const server: Server = createServer((request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      started.asked.push(body);
      started.script(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client: UpstreamClient = createUpstreamClient({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: definition.dev.upstream,
    onAttempt: () => undefined,
  });
  return Object.assign(started, {
    open: () => open.size,
    provider: { client, path: '/v1', headers: {}, breakerOf: () => undefined },
    async close() {
      server.closeAllConnections();
      await client.close();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** A gateway with the routes of models, in this process. */
export type AiGateway = TestGateway & {
  readonly limits: MemoryLimits;
  readonly lanes: Lanes;
  readonly ai: Ai;
  readonly service: Service;
};

/**
 * Starts a gateway in front of providers; `settings` are those of `ai`, whose providers are told there too; `store` is
 * where their limits are counted, default `limits`, and `cache` where answers are kept, default nowhere.
 */
export async function startAiGateway(
  providers: Readonly<Record<string, ScriptedProvider>>,
  settings: SomeAiSettings,
  { store, cache }: { readonly store?: ReservingStore; readonly cache?: AnswerCache } = {},
): Promise<AiGateway> {
  const { dev } = definition;
  const service: Service = {
    ...dev,
    ai: aiSettings(settings),
    limits: {
      ...dev.limits,
      address: { ...dev.limits.address, window: '1000000/s', adaptive: undefined },
      global: undefined,
    },
    resilience: { ...dev.resilience, maxStreams: 100_000 },
  };
  const limits = createMemoryLimits({ trackedCallers: 1_000 });
  const lanes = createLanes({ settings: service.resilience });
  const models = listedModels(service.ai);
  const cells = new Cells(
    layOutCells({
      routes: [],
      lanes: [],
      limits: [],
      breakers: [],
      models,
      providers: Object.keys(service.ai.providers),
    }),
  );
  const ai = createAi({
    service,
    store: store ?? limits,
    providers: Object.fromEntries(Object.entries(providers).map(([id, { provider }]) => [id, provider])),
    cells,
    ...(cache && { cache }),
  });
  const ids: readonly string[] = ['chat', 'responses', 'embeddings', 'batch', 'models'];
  // Limits of routes are for others to test.
  const routes = Object.fromEntries(
    Object.entries(service.routes)
      .filter(([id]) => ids.includes(id))
      .map(([id, { limit: _, ...route }]) => [id, route]),
  );
  const gateway = await startGateway(ai.handlers, { service, routes, lanes });
  return Object.assign(gateway, { limits, lanes, ai, service });
}
