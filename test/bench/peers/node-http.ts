import { createServer } from 'node:http';
import { BENCH_BODY } from './body.ts';

/** The floor: a constant answer and nothing else. */
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(BENCH_BODY);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
