import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definition, withValues } from '../../../service/definition/index.ts';
import { findFreePort } from '../../../service/store/free-port.ts';
import { startFile, type Contestant } from './contestant.ts';

/** What the gateway answers in every race: a cached and limited search. */
export const HIT = '/v1/search?q=rate+limit';

/** How the gateway is run. */
export type GatewayOptions = {
  /** Values of the definition, as `path=value`. */
  readonly values?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Path that is asked; default a cached search. */
  readonly path?: string;
  readonly cores?: string;
};

/** A gateway and where its metrics are. */
export type Gateway = Contestant & { readonly opsUrl: string };

/** Limits that are counted and never reached. */
const WIDE = [
  'limits.address=1000000/s',
  'limits.global.bucket.capacity=1000000',
  'limits.global.bucket.refill=1000000/s',
  'routes.search.limit=1000000/s',
  'routes.search.cacheFor=1h',
];

/** The real program with one worker; its database is never asked. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const file = join(directory, 'service.json');
  writeFileSync(file, JSON.stringify(withValues(definition.dev, [...WIDE, ...(options.values ?? [])])));
  const [port, opsPort, upstreamPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const origin = `http://127.0.0.1:${upstreamPort}`;
  const upstream = await startFile('test/bench/peers/upstream.ts', `${origin}/`, { PORT: String(upstreamPort) }, '1');
  const gateway = await startFile(
    'service/main.ts',
    `http://127.0.0.1:${port}${options.path ?? HIT}`,
    {
      SLUICE_DEFINITION: file,
      PORT: String(port),
      OPS_PORT: String(opsPort),
      WORKERS: '1',
      DRAIN_DELAY_MS: '0',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      UPSTREAM_ORIGIN: origin,
      ...options.variables,
    },
    options.cores,
  );
  return {
    ...gateway,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    async stop() {
      await gateway.stop();
      await upstream.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The sum of a counter over its labels, as the gateway's ops port tells it. */
export async function readCounter({ opsUrl }: Gateway, name: string): Promise<number> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}
