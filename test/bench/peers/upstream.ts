import { createServer } from 'node:http';
import { BENCH_BODY } from './body.ts';

/** An upstream that answers at once, so that the gateway's first answer has the body of the others. */
createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(BENCH_BODY);
}).listen(Number(process.env.PORT), '127.0.0.1');
