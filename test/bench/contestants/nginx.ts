import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../service/store/free-port.ts';
import { startProgram, type Contestant } from './contestant.ts';
import { HIT } from './gateway.ts';

type Server = { readonly directory: string; readonly port: number; readonly upstream: string };

/** nginx as a cache with a limit of requests, which is never reached. */
export function startNginxCache(upstream: string): Promise<Contestant> {
  return startNginx(
    upstream,
    ({ directory }) => `
    proxy_cache_path ${directory}/cache keys_zone=answers:10m;
    limit_req_zone $binary_remote_addr zone=callers:10m rate=1000000r/s;`,
    ({ upstream: origin }) => `
      limit_req zone=callers burst=1000000 nodelay;
      proxy_cache answers;
      proxy_cache_valid 200 1h;
      proxy_pass ${origin};`,
  );
}

/** nginx as a proxy that keeps its connections to the origin. */
export function startNginxProxy(upstream: string): Promise<Contestant> {
  return startNginx(
    upstream,
    ({ upstream: origin }) => `
    upstream origin { server ${new URL(origin).host}; keepalive 64; }`,
    () => `
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_pass http://origin;`,
  );
}

/** nginx that answers a constant body from its configuration's folder, as the upstream of a proxy race. */
export function startNginxOrigin(body: string): Promise<Contestant> {
  return startNginx(
    '',
    () => '',
    () => `
      default_type application/json;
      return 200 '${body}';`,
    '1',
  );
}

async function startNginx(
  upstream: string,
  http: (server: Server) => string,
  location: (server: Server) => string,
  cores = '0',
): Promise<Contestant> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-nginx-'));
  mkdirSync(join(directory, 'logs'));
  const server = { directory, port: await findFreePort(), upstream: upstream.replace(/\/$/, '') };
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/logs/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  ${http(server)}
  server {
    listen 127.0.0.1:${server.port};
    location / {${location(server)}
    }
  }
}
`,
  );
  const program = await startProgram({
    command: 'nginx',
    args: ['-c', file, '-p', directory],
    cores,
    url: `http://127.0.0.1:${server.port}${HIT}`,
  });
  return {
    ...program,
    async stop() {
      await program.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
