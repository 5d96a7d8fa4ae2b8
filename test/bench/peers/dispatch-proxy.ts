import { createServer } from 'node:http';
import { Pool } from 'undici';

/** The least that a proxy on node:http and undici can do: no body to the origin, no limits, timeouts or hop-by-hop rules. */
const pool = new Pool(process.env.ORIGIN ?? '', { connections: 100, pipelining: 1 });
createServer((request, response) => {
  let head: string[] = [];
  let body = '';
  let status = 502;
  pool.dispatch(
    { method: 'GET', path: request.url ?? '/', headers: { host: request.headers.host ?? '' } },
    {
      onRequestStart: () => undefined,
      onResponseStart(_, statusCode, headers) {
        status = statusCode;
        head = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
      },
      onResponseData: (_, chunk) => void (body += chunk.toString('latin1')),
      onResponseEnd() {
        response.writeHead(status, head);
        response.end(body, 'latin1');
      },
      onResponseError: () => response.destroy(),
    },
  );
}).listen(Number(process.env.PORT), '127.0.0.1');
