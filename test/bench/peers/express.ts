import { randomBytes } from 'node:crypto';
import express, { type RequestHandler } from 'express';
import { createMemorySharedTier, ResponseCache } from '../../../service/cache/index.ts';
import { createMemoryLimits, windowPolicy } from '../../../service/limit/index.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { BENCH_BODY } from './body.ts';

/** The same work as a cached search of the gateway, with the same parts, as Express middleware. */
const app = express();
app.disable('x-powered-by');
app.set('etag', false);
const cells = new Cells(
  layOutCells({ routes: [{ id: 'search', method: 'GET', lane: 'critical' }], lanes: [], limits: [], breakers: [] }),
);
const limits = createMemoryLimits({ trackedCallers: 10_000 });
const policies = [windowPolicy('address', 1_000_000, 1_000), windowPolicy('search', 1_000_000, 1_000)];
const cache = new ResponseCache({
  shared: createMemorySharedTier({ maxBytes: 1 << 20 }),
  maxBytes: 1 << 20,
  onError: () => undefined,
});
cache.start();
const storedAt = Date.now();
cache.store(
  'search?rate limit',
  {
    status: 200,
    headers: ['content-type', 'application/json'],
    body: Buffer.from(BENCH_BODY),
    storedAt,
    expiresAt: storedAt + 3_600_000,
  },
  3_600_000,
);
const prefix = randomBytes(6).toString('hex');
let requests = 0;

const requestId: RequestHandler = (_request, response, next) => {
  response.setHeader('x-request-id', `${prefix}-${(requests++).toString(36)}`);
  next();
};
const metrics: RequestHandler = (_request, response, next) => {
  const startedAt = performance.now();
  response.on('finish', () => cells.observeRequest(0, response.statusCode, (performance.now() - startedAt) / 1000));
  next();
};
const limit: RequestHandler = (request, response, next) => {
  const key = request.ip ?? '';
  const verdict = limits.take(key, policies);
  if (verdict instanceof Promise) return;
  response.setHeader(
    'ratelimit-policy',
    policies.map(({ name, count, spanUs }) => `"${name}";q=${count.value};w=${spanUs / 1e6}`).join(', '),
  );
  response.setHeader(
    'ratelimit',
    policies
      .map(({ name }, i) => `"${name}";r=${verdict.remaining[i] ?? 0};t=${Math.ceil((verdict.resetMs[i] ?? 0) / 1000)}`)
      .join(', '),
  );
  if (verdict.allowed) next();
  else response.sendStatus(429);
};
app.use(requestId, metrics, limit);
app.get('/v1/search', (request, response) => {
  const { q } = request.query;
  const entry = typeof q === 'string' ? cache.peek(`search?${q}`) : undefined;
  if (!entry) return void response.sendStatus(404);
  response.setHeader('x-cache', 'HIT');
  response.setHeader('cache-status', `sluice; hit; ttl=${Math.round((entry.expiresAt - Date.now()) / 1000)}`);
  response.setHeader('age', Math.round((Date.now() - entry.storedAt) / 1000));
  response.setHeader('content-type', 'application/json');
  response.status(entry.status).end(entry.body);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
