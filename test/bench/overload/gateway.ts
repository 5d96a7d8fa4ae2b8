import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { createLanes, fixedConcurrency } from '../../../service/resilience/index.ts';
import { gradientConcurrency } from '../../../service/resilience/gradient-limit.ts';

const { PORT, UPSTREAM = '', LIMIT = 'fixed', CONCURRENCY = '16', MIN = '4', DEADLINE_MS = '400' } = process.env;

const concurrency = Number(CONCURRENCY);
const lane = { concurrency, upstream: '100%', queue: 16, drop: 'newest', maxWait: '100ms' } as const;
const limit =
  LIMIT === 'adaptive' ? gradientConcurrency({ min: Number(MIN), max: concurrency }) : fixedConcurrency(concurrency);
const lanes = createLanes({
  settings: { maxInFlight: 1000, maxStreams: 1, lanes: { critical: lane, background: lane } },
  limits: { critical: limit },
});
const pool = new Pool(UPSTREAM, { connections: null });

/** The lanes of the gateway in front of an upstream, and nothing else. */
createServer((request, response) => {
  if (request.url === '/limit') {
    response.end(String(limit.current));
    return;
  }
  answer(request, response).catch(() => response.writeHead(504).end());
}).listen(Number(PORT), '127.0.0.1');

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const signal = AbortSignal.timeout(Number(DEADLINE_MS));
  const permit = lanes.enter('critical', () => signal);
  const refusal = 'reason' in permit ? permit : await permit.turn;
  if (refusal !== undefined || 'reason' in permit) {
    response.writeHead(503).end();
    return;
  }
  try {
    const { body } = await pool.request({ path: request.url ?? '/', method: 'GET', signal });
    permit.observe(false);
    response.end(await body.text());
  } catch (error) {
    permit.observe(true);
    throw error;
  } finally {
    permit.release();
  }
}

process.once('SIGTERM', () => process.exit(0));
