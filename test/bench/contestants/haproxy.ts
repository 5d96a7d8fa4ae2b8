import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../../service/store/free-port.ts';
import { startProgram, type Contestant } from './contestant.ts';
import { HIT } from './gateway.ts';

/** HAProxy as a cache with a table of request rates, whose limit is never reached. */
export async function startHaproxyCache(upstream: string): Promise<Contestant> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-haproxy-'));
  const port = await findFreePort();
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
cache answers
  total-max-size 16
  max-age 3600
frontend front
  bind 127.0.0.1:${port}
  stick-table type ip size 100k expire 1m store http_req_rate(10s)
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000000 }
  http-request cache-use answers
  http-response cache-store answers
  default_backend origin
backend origin
  server origin ${new URL(upstream).host}
`,
  );
  const program = await startProgram({
    command: 'haproxy',
    args: ['-db', '-f', file],
    url: `http://127.0.0.1:${port}${HIT}`,
  });
  return {
    ...program,
    async stop() {
      await program.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
