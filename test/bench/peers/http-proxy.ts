import { Agent, createServer, request as send } from 'node:http';

/** The usual proxy by hand: http.request with kept connections, piped both ways. */
const { hostname, port } = new URL(process.env.ORIGIN ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
createServer((request, response) => {
  const upstream = send(
    { agent, hostname, port, method: request.method, path: request.url, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
}).listen(Number(process.env.PORT), '127.0.0.1');
