import { connect, type Socket } from 'node:net';
import { median } from '../measure.ts';

/** One request's way: connections that wait for work, and what an answer's end looks like. */
type Connection = { readonly socket: Socket; pending: ((time: number) => void) | undefined; received: string };

const CONNECTIONS = 64;
const WARM_UP_MS = 2_000;

/** The median time in milliseconds of an answer. The answers must carry a Content-Length. */
async function medianLatency(url: string, perSecond: number, seconds: number): Promise<number> {
  const { hostname, port, pathname, search } = new URL(url);
  const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\naccept: */*\r\n\r\n`;
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(hostname, Number(port))));
  const all = [...idle];
  const times: number[] = [];
  const startedAt = performance.now();
  let sent = 0;
  await new Promise<void>((resolve, reject) => {
    const tick = (): void => {
      const now = performance.now() - startedAt;
      for (; sent < (now * perSecond) / 1000; sent++) {
        const connection = idle.pop();
        if (!connection) {
          reject(new Error(`${url} does not keep up with ${perSecond} requests a second`));
          return;
        }
        const at = performance.now();
        connection.pending = (end) => {
          idle.push(connection);
          if (now > WARM_UP_MS) times.push(end - at);
        };
        connection.socket.write(request);
      }
      if (now > WARM_UP_MS + seconds * 1000) resolve();
      else setTimeout(tick, 1);
    };
    tick();
  });
  for (const { socket } of all) socket.destroy();
  return median(times);
}

async function open(host: string, port: number): Promise<Connection> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const connection: Connection = { socket, pending: undefined, received: '' };
  socket.on('data', (chunk) => {
    connection.received += chunk.toString('latin1');
    if (!isComplete(connection.received)) return;
    connection.received = '';
    connection.pending?.(performance.now());
  });
  return connection;
}

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end)) ?? [];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return text.endsWith('0\r\n\r\n');
}

const [url = '', perSecond, seconds] = process.argv.slice(2);
process.stdout.write(`${await medianLatency(url, Number(perSecond), Number(seconds))}\n`);
