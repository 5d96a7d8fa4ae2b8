import { Command, InvalidArgumentError } from 'commander';
import { serve, type ServeOptions } from '../serve/serve.ts';

/** `sluice serve`: the gateway on this machine, with everything it needs. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run the gateway on this machine, with the sample upstream and a Postgres of its own')
    .option('--port <number>', 'public port (default: PORT, else 8080)', parsePort)
    .option('--ops-port <number>', 'port of metrics and health (default: OPS_PORT, else 9464)', parsePort)
    .option('--proxy <origin>', 'stand in front of this HTTP origin instead of the sample application', parseOrigin)
    .option('--no-limits', 'switch all rate limits off')
    .option('--state <dir>', "folder of what lasts: Postgres's data", '.sluice')
    .option('--out <dir>', 'folder that the stack is written to', 'dist')
    .option('--watch', 'start the gateway anew when its code changes')
    .addHelpText(
      'after',
      `
Environment: PORT, OPS_PORT, HOST (default 127.0.0.1), WORKERS, LOG_LEVEL, REDIS_URL,
REDIS_CACHE_URL (default: REDIS_URL), DATABASE_URL.

Examples:
  $ sluice serve
  $ sluice serve --port 3000 --proxy http://localhost:8000 --no-limits`,
    )
    .action(async (options: ServeOptions) => {
      process.exitCode = await serve(options);
    });
}

function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 1 to 65535, such as 8080.');
}

function parseOrigin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin;
  throw new InvalidArgumentError('It must be an origin, such as http://localhost:3000.');
}
