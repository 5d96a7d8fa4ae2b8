import { setTimeout as wait } from 'node:timers/promises';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import type { Contestant } from './contestants/contestant.ts';
import { readCounter, startGateway, type Gateway } from './contestants/gateway.ts';
import { startPeer, withHelper } from './contestants/peers.ts';
import { startBenchRedis } from './contestants/redis.ts';
import { askFrom, holdStreams, post, readAll, streamTimes } from './load/chats.ts';
import { canMeasure, median, type Measure } from './measure.ts';
import { race, ratio } from './race.ts';

/** Limits that are counted and never reached. */
const WIDE = [
  'limits.mode=lease',
  'routes.chat.limit=1000000/s',
  'ai.providers.sample.models.sample.requests=1000000/s',
  'ai.providers.sample.models.sample.tokens=1000000000/s',
];
const STREAMS_AT_ONCE = 5_000;
/** Room for them in one worker. */
const HELD = [
  `resilience.maxStreams=${STREAMS_AT_ONCE + 100}`,
  `upstream.streamConnections=${STREAMS_AT_ONCE + 200}`,
  'gateway.memory.heap=512Mi',
  'gateway.memory.limit=2Gi',
];
/** A provider that works on few requests at once. */
const BUSY = { AT_ONCE: '4' };
const CLIENTS = 64;
const SECONDS = 4;
const CHAT = { model: 'sample', max_tokens: 5, messages: [{ role: 'user', content: 'a b c' }] };

/** What the gateway adds to streams, how many it holds, what asking together gains and costs, and trips of limits. */
export async function measureAi(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('models', ['taskset', 'redis-server'])) return [];
  return [
    ...(await measureStreams(rounds)),
    ...(await measureHeld(rounds)),
    ...(await measureEmbeddings(rounds)),
    ...(await measureTrips(rounds)),
  ];
}

async function measureStreams(rounds: number): Promise<readonly Measure[]> {
  const tokens = { direct: [] as number[], proxy: [] as number[], gateway: [] as number[] };
  const noting = (name: keyof typeof tokens, start: () => Promise<Contestant>) => async () => ({
    ...(await start()),
    note: tokens[name],
  });
  const contestants = {
    direct: noting('direct', () => startModel()),
    proxy: noting('proxy', () => behindModel(startProxy)),
    gateway: noting('gateway', () => behindModel((origin) => startAi(origin))),
  };
  const firsts = await race(rounds, contestants, async ({ url, note }) => {
    const { firstMs, tokenUs } = await streamTimes(new URL(url).origin);
    note.push(tokenUs);
    return firstMs;
  });
  return [
    {
      name: 'first token of a stream, added to that of the provider, p50',
      value: added(firsts.gateway, firsts.direct),
      unit: 'ms',
      aim: '≤ 0.5',
    },
    {
      name: 'each further token, added to that of the provider, p50',
      value: added(tokens.gateway, tokens.direct),
      unit: 'µs',
      aim: '≤ 50',
    },
    {
      name: 'first token, added by the least proxy on node:http and undici',
      value: added(firsts.proxy, firsts.direct),
      unit: 'ms',
    },
    { name: 'each further token, added by the least proxy', value: added(tokens.proxy, tokens.direct), unit: 'µs' },
    { name: 'first token directly from the provider, p50', value: median(firsts.direct), unit: 'ms' },
    { name: 'each further token directly, p50', value: median(tokens.direct), unit: 'µs' },
  ];
}

/** The median of the differences within each round. */
function added(one: readonly number[], other: readonly number[]): number {
  return median(one.map((value, round) => value - (other[round] ?? Number.NaN)));
}

async function measureHeld(rounds: number): Promise<readonly Measure[]> {
  const contestants = {
    proxy: () => behindModel(startProxy),
    gateway: () => behindModel((origin) => startAi(origin, HELD)),
  };
  const each = await race(rounds, contestants, async (contestant) => {
    const { origin } = new URL(contestant.url);
    // Code is compiled and buffers have grown before it counts.
    (await holdStreams(origin, 200))();
    await wait(2_000);
    const before = contestant.residentKiB();
    const close = await holdStreams(origin, STREAMS_AT_ONCE);
    await wait(4_000);
    const after = contestant.residentKiB();
    close();
    return (after - before) / STREAMS_AT_ONCE;
  });
  return [
    {
      name: `memory of each of ${STREAMS_AT_ONCE} streams that one worker holds at once`,
      value: median(each.gateway),
      unit: 'KiB',
      aim: '≤ 30',
    },
    { name: 'the same of the least proxy on node:http and undici', value: median(each.proxy), unit: 'KiB' },
  ];
}

async function measureEmbeddings(rounds: number): Promise<readonly Measure[]> {
  const alone: Record<'together' | 'single', number[]> = { together: [], single: [] };
  const asked: Record<'together' | 'single', number[]> = { together: [], single: [] };
  const started = (name: keyof typeof alone, window: string, busy?: Readonly<Record<string, string>>) => async () => {
    const gateway = await behindModel((origin) => startAi(origin, [`ai.embeddings.window=${window}`]), busy);
    return { ...gateway, alone: busy ? [] : alone[name], asked: busy ? [] : asked[name] };
  };
  const contestants = {
    together: started('together', '5ms'),
    single: started('single', '0ms'),
    busyTogether: started('together', '5ms', BUSY),
    busySingle: started('single', '0ms', BUSY),
  };
  const rates = await race(rounds, contestants, async (contestant) => {
    const { origin } = new URL(contestant.url);
    const ask = async (agent: Parameters<typeof post>[3]): Promise<unknown> =>
      readAll(await post(origin, '/v1/embeddings', { model: 'sample', input: 'a b c' }, agent));
    await askFrom(CLIENTS, 1, ask);
    contestant.alone.push((await askFrom(1, 2, ask)).medianMs);
    const before = await embeddingsAsked(contestant.model);
    const { rate, count } = await askFrom(CLIENTS, SECONDS, ask);
    contestant.asked.push(((await embeddingsAsked(contestant.model)) - before) / count);
    return rate;
  });
  return [
    {
      name: `embeddings asked for together vs each by itself, answers per second, ${CLIENTS} clients`,
      value: ratio(rates, 'together', 'single'),
      unit: 'ratio',
    },
    {
      name: `the same at a provider that works on ${BUSY.AT_ONCE} requests at once`,
      value: ratio(rates, 'busyTogether', 'busySingle'),
      unit: 'ratio',
    },
    { name: 'requests to the provider for each embedding, together', value: median(asked.together), unit: 'calls' },
    {
      name: 'added by the window to an embedding that nobody joins, p50',
      value: added(alone.together, alone.single),
      unit: 'ms',
    },
  ];
}

async function embeddingsAsked(url: string): Promise<number> {
  return Number(await (await fetch(url)).text());
}

async function measureTrips(rounds: number): Promise<readonly Measure[]> {
  const loaded: number[] = [];
  const start = async () => {
    const redis = await startBenchRedis();
    const gateway = await behindModel((origin) => startAi(origin, [], { REDIS_URL: redis.url }));
    return {
      ...gateway,
      async stop() {
        await gateway.stop();
        await redis.stop();
      },
    };
  };
  const { gateway } = await race(rounds, { gateway: start }, async (contestant) => {
    const { origin } = new URL(contestant.url);
    const ask = async (agent: Parameters<typeof post>[3]): Promise<unknown> =>
      readAll(await post(origin, '/v1/chat/completions', CHAT, agent));
    const trips = async (clients: number): Promise<number> => {
      await askFrom(clients, 1, ask);
      const before = await readCounter(contestant, METRICS.limitTrips.name);
      const { count } = await askFrom(clients, SECONDS, ask);
      return ((await readCounter(contestant, METRICS.limitTrips.name)) - before) / count;
    };
    const single = await trips(1);
    loaded.push(await trips(CLIENTS));
    return single;
  });
  return [
    {
      name: 'trips to Redis for the limits of a chat, one after the other',
      value: median(gateway),
      unit: 'calls',
      hold: '≤ 2.1',
    },
    {
      name: `trips to Redis for the limits of a chat, ${CLIENTS} clients`,
      value: median(loaded),
      unit: 'calls',
      hold: '≤ 1',
    },
  ];
}

/** The provider, on the first core; the gateway has the second. */
function startModel(variables: Readonly<Record<string, string>> = {}): Promise<Contestant> {
  return startPeer('model', variables, '/');
}

/** The least that can stand in front of a provider. */
function startProxy(origin: string): Promise<Contestant> {
  return startPeer('stream-proxy', { ORIGIN: origin, CONNECTIONS: String(STREAMS_AT_ONCE + 200) }, '/', '1');
}

/** Starts what stands in front of the provider, given its origin. */
async function behindModel(
  start: (origin: string) => Promise<Contestant & Partial<Gateway>>,
  variables?: Readonly<Record<string, string>>,
): Promise<Gateway & { readonly model: string }> {
  let gateway: Partial<Gateway> | undefined;
  const model = await startModel(variables);
  const contestant = await withHelper(model, async ({ url }) => (gateway = await start(new URL(url).origin)));
  return { ...contestant, opsUrl: gateway?.opsUrl ?? '', model: model.url };
}

function startAi(
  origin: string,
  values: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  return startGateway({
    path: '/v1/models',
    values: [...WIDE, ...values],
    variables: { UPSTREAM_ORIGIN: origin, ...variables },
    cores: '1',
  });
}
