import { createServer } from 'node:http';
import { Pool } from 'undici';

/** The least that another hop costs a stream: a proxy on node:http and undici that passes each part on, and nothing else. */
const pool = new Pool(process.env.ORIGIN ?? '', { connections: Number(process.env.CONNECTIONS), pipelining: 1 });
createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    pool.dispatch(
      {
        method: request.method === 'GET' ? 'GET' : 'POST',
        path: request.url ?? '/',
        headers: { 'content-type': 'application/json' },
        body: parts.length > 0 ? Buffer.concat(parts) : null,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart(_, status, headers) {
          response.writeHead(
            status,
            Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
          );
        },
        onResponseData: (_, part) => void response.write(part),
        onResponseEnd: () => response.end(),
        onResponseError: () => response.destroy(),
      },
    );
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
