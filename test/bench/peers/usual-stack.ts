import { createWriteStream } from 'node:fs';
import express from 'express';
import promBundle from 'express-prom-bundle';
import { rateLimit } from 'express-rate-limit';
import { Redis } from 'ioredis';
import { pinoHttp } from 'pino-http';
import { RedisStore } from 'rate-limit-redis';
import { BENCH_BODY } from './body.ts';

/** What teams usually put together: Express with a log line, metrics, a limit in Redis and a cache in Redis. */
const redis = new Redis(process.env.REDIS_URL ?? '');
await redis.set('cache:rate limit', BENCH_BODY);
const app = express();
app.disable('x-powered-by');
app.use(pinoHttp({}, createWriteStream('/dev/null')));
app.use(promBundle({ includeMethod: true, includePath: true }));
app.use(
  rateLimit({
    windowMs: 60_000,
    limit: 1_000_000_000,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    store: new RedisStore({
      sendCommand: async (command: string, ...args: string[]) => (await redis.call(command, ...args)) as number,
    }),
  }),
);
app.get('/v1/search', async ({ query }, response) => {
  const cached = await redis.get(`cache:${query.q as string}`);
  response.json(JSON.parse(cached ?? '{}'));
});
app.listen(Number(process.env.PORT), '127.0.0.1');
