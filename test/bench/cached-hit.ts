import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definition, withValues } from '../../service/definition/index.ts';
import { findFreePort } from '../../service/store/free-port.ts';
import { median, missingPrograms, requestsPerSecond, shuffled, startServer, type Measure } from './measure.ts';

const WARM_UP_SECONDS = 3;
const MEASURED_SECONDS = 4;
const PATH = '/v1/search?q=rate+limit';

const PEERS = ['gateway', 'node-http', 'express', 'express-bare'] as const;
type Peer = (typeof PEERS)[number];

/**
 * A cached and limited search: the gateway with one worker against a bare node:http server and against the same work
 * as Express middleware. Fresh process per peer and round, shuffled, median of the ratios within a round.
 */
export async function measureCachedHit(rounds: number): Promise<readonly Measure[]> {
  const missing = missingPrograms(['wrk', 'taskset']);
  if (missing.length > 0) {
    process.stderr.write(`skipped: requests per second: ${missing.join(', ')} not on PATH (Debian: wrk, util-linux)\n`);
    return [];
  }
  const rates: Record<Peer, number[]> = { gateway: [], 'node-http': [], express: [], 'express-bare': [] };
  for (let round = 0; round < rounds; round++) {
    for (const peer of shuffled(PEERS)) rates[peer].push(await measurePeer(peer));
  }
  const ratio = (peer: Peer, to: Peer): number =>
    median(rates[peer].map((rate, round) => rate / (rates[to][round] ?? Number.NaN)));
  return [
    { name: 'cached search, requests/s', value: Math.round(median(rates.gateway)), unit: '1/s' },
    { name: 'cached search vs bare node:http', value: ratio('gateway', 'node-http'), unit: 'ratio', hold: '≥ 0.7' },
    {
      name: 'cached search vs the same work on Express',
      value: ratio('gateway', 'express'),
      unit: 'ratio',
      hold: '≥ 4',
    },
    { name: 'bare Express vs bare node:http', value: ratio('express-bare', 'node-http'), unit: 'ratio' },
  ];
}

async function measurePeer(peer: Peer): Promise<number> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}${PATH}`;
  const close = peer === 'gateway' ? await startGateway(port, url) : await startPeer(peer, port, url);
  try {
    await requestsPerSecond(url, WARM_UP_SECONDS);
    return await requestsPerSecond(url, MEASURED_SECONDS);
  } finally {
    await close();
  }
}

async function startPeer(peer: Exclude<Peer, 'gateway'>, port: number, url: string): Promise<() => Promise<void>> {
  const server = await startServer(`test/bench/peers/${peer}.ts`, { PORT: String(port), NODE_ENV: 'production' }, url);
  return server.stop;
}

/** The real program; its limits are never reached, and its database is never asked. */
async function startGateway(port: number, url: string): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const file = join(directory, 'service.json');
  const service = withValues(definition.dev, [
    'limits.address=1000000/s',
    'routes.search.limit=1000000/s',
    'routes.search.cacheFor=1h',
  ]);
  writeFileSync(file, JSON.stringify(service));
  const upstreamPort = await findFreePort();
  const upstream = await startServer(
    'test/bench/peers/upstream.ts',
    { PORT: String(upstreamPort) },
    `http://127.0.0.1:${upstreamPort}/`,
  );
  const gateway = await startServer(
    'service/main.ts',
    {
      SLUICE_DEFINITION: file,
      PORT: String(port),
      OPS_PORT: String(await findFreePort()),
      WORKERS: '1',
      DRAIN_DELAY_MS: '0',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      UPSTREAM_ORIGIN: `http://127.0.0.1:${upstreamPort}`,
    },
    url,
  );
  return async () => {
    await gateway.stop();
    await upstream.stop();
    rmSync(directory, { recursive: true, force: true });
  };
}
