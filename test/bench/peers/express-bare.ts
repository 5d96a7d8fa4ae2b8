import express from 'express';
import { BENCH_BODY } from './body.ts';

/** What Express costs by itself: one route, a constant answer. */
const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.get('/v1/search', (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(BENCH_BODY);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
