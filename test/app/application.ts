import { createAi, type Provider } from '../../service/ai/index.ts';
import { createApp, createLoginGuard, type AppDependencies } from '../../service/app/index.ts';
import { definition } from '../../service/definition/index.ts';
import type { Exchange } from '../../service/gateway/exchange.ts';
import type { Reply } from '../../service/gateway/reply.ts';
import { measuredOf } from '../../service/gateway/processes/measured.ts';
import { createUpstreamClient } from '../../service/gateway/upstream/index.ts';
import { createMemoryLimits } from '../../service/limit/index.ts';
import { createMemoryKeyValue } from '../../service/store/memory-key-value.ts';
import { migrate } from '../../service/store/migrate.ts';
import type { Database } from '../../service/store/postgres.ts';
import { createSessions, type Sessions } from '../../service/store/sessions.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { startUpstream, type RunningUpstream } from '../../service/upstream/index.ts';
import { openDatabase, startPostgres, type TestPostgres } from '../store/test-postgres.ts';
import { exchangeFor, type ExchangeInit } from './exchange.ts';

type RouteId = keyof ReturnType<typeof createApp>;

/** The sample application on a real Postgres and a real upstream. */
export type TestApplication = {
  readonly database: Database;
  readonly sessions: Sessions;
  /** A request to a route, not yet answered. */
  exchange(id: RouteId, init?: ExchangeInit): Exchange;
  /** The answer of a request's handler. */
  answer(exchange: Exchange): Promise<Reply>;
  /** Both at once. */
  call(id: RouteId, init?: ExchangeInit): Promise<Reply>;
  close(): Promise<void>;
};

/** Starts the application; `modules` is the folder whose READMEs its upstream serves. */
export async function startApplication(
  options: { modules?: string } & Pick<AppDependencies, 'cookie'> = {},
): Promise<TestApplication> {
  const [postgres, upstream] = await Promise.all([startPostgres(), startReadyUpstream(options.modules)]);
  await migrate(postgres.connectionString, { log: () => undefined });
  return assemble(postgres, upstream, options.cookie ?? 'none');
}

async function startReadyUpstream(modules: string | undefined): Promise<RunningUpstream> {
  if (modules === undefined) {
    const upstream = await startUpstream({ port: 0, chunkPauseMs: 1 });
    await upstream.ready;
    return upstream;
  }
  const upstream = await startUpstream({ port: 0, modules });
  await upstream.ready.catch(() => undefined);
  return upstream;
}

function assemble(
  postgres: TestPostgres,
  upstream: RunningUpstream,
  cookie: NonNullable<AppDependencies['cookie']>,
): TestApplication {
  const database = openDatabase(postgres.connectionString, { pools: { critical: 4, background: 2 } });
  const values = createMemoryKeyValue({ maxBytes: 2 ** 20 });
  const sessions = createSessions({ store: values, lifetimeMs: 60_000 });
  const guard = createLoginGuard({ limits: createMemoryLimits({ trackedCallers: 100 }), values });
  const client = createUpstreamClient({
    origin: `http://127.0.0.1:${upstream.port}`,
    settings: { ...definition.dev.upstream, backoff: '10ms' },
    onAttempt: () => undefined,
  });
  const cells = new Cells(layOutCells(measuredOf(definition.dev)));
  const sample: Provider = { client, path: '/v1', headers: {}, breakerOf: () => undefined };
  const ai = createAi({ service: definition.dev, store: undefined, providers: { sample }, cells });
  const app = createApp({ database, upstream: client, sessions, guard, cookie, models: ai.handlers });
  const exchange: TestApplication['exchange'] = (id, init) => exchangeFor(id, app[id], init);
  const answer: TestApplication['answer'] = async (asked) => asked.route.handler(asked);
  const answered: Exchange[] = [];
  return {
    database,
    sessions,
    exchange(id, init) {
      const asked = exchange(id, init);
      answered.push(asked);
      return asked;
    },
    answer,
    call(id, init) {
      const asked = exchange(id, init);
      return answer(asked).finally(() => asked.stopDeadline());
    },
    async close() {
      for (const asked of answered) asked.stopDeadline();
      await Promise.all([ai.close(), client.close(), database.close(), upstream.close(0)]);
      await postgres.remove();
    },
  };
}

/** The text of a whole answer. */
export function bodyOf({ body }: Reply): string {
  if (typeof body === 'string') return body;
  if (Buffer.isBuffer(body)) return body.toString();
  throw new TypeError('the answer has no whole body');
}

/** The JSON value of an answer. */
export function valueOf(reply: Reply): unknown {
  return JSON.parse(bodyOf(reply));
}

/** The headers of an answer by name. */
export function headersOf({ headers }: Reply): Record<string, string | undefined> {
  return Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : [])));
}
