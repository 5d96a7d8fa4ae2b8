import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../../../service/definition/index.ts';
import type { Proxied } from '../../../experiment.ts';
import { answers } from './answers.ts';
import type { LogPipe } from './log-pipe.ts';
import { createProgram, type Keeping, type Program } from './program.ts';

/** Where the programs of the service listen, and what they are told. */
export type ServiceProgramsProps = {
  readonly service: Service;
  readonly commit: string;
  readonly ports: Readonly<Record<'gateway' | 'ops' | 'upstream' | 'control', number>>;
  /** The ports of each proxy: where it listens, and of what stands behind it. */
  readonly proxies: Readonly<Record<Proxied, { readonly listen: number; readonly target: number }>>;
  /** Addresses of the stores, as the gateway is to see them. */
  readonly stores: Readonly<Record<'DATABASE_URL' | 'REDIS_URL' | 'REDIS_CACHE_URL', string>>;
  readonly opsToken: string;
  /** Where the gateway writes its log. */
  readonly log: LogPipe;
};

/** What the release of a stand is called. */
const TEMPLATE_HASH = 'local';

const HOST = '127.0.0.1';

/** The programs of the service itself, and the proxies between them: none of them is started yet. */
export function servicePrograms(
  keeping: Keeping,
  { service, commit, ports, proxies, stores, opsToken, log }: ServiceProgramsProps,
): Readonly<Record<'gateway' | 'upstream' | 'proxies', Program>> {
  const definition = join(keeping.folder, 'service.json');
  writeFileSync(definition, JSON.stringify(service), { mode: 0o600 });
  const node = (
    name: string,
    file: string,
    page: string,
    variables: Readonly<Record<string, string>>,
    output?: LogPipe,
  ): Program =>
    createProgram(keeping, {
      name,
      command: process.execPath,
      args: [file],
      variables,
      endsAlone: true,
      output,
      isReady: () => answers(`http://${HOST}:${page}`),
    });
  return {
    upstream: node('upstream', 'service/upstream/main.ts', `${ports.upstream}/readyz`, {
      HOST,
      PORT: String(ports.upstream),
      LOG_LEVEL: 'warn',
    }),
    proxies: node('proxies', 'chaos/faults/main.ts', `${ports.control}/livez`, {
      FAULT_PROXY: JSON.stringify({
        control: { host: HOST, port: ports.control },
        proxies: Object.entries(proxies).map(([name, { listen, target }]) => ({
          name,
          listen: { host: HOST, port: listen },
          target: { host: HOST, port: target },
          protocol: name === 'upstream' ? 'http' : 'tcp',
        })),
      }),
    }),
    gateway: node(
      'gateway',
      'service/main.ts',
      `${ports.ops}/readyz`,
      {
        SLUICE_DEFINITION: definition,
        SLUICE_COMMIT: commit,
        POD_TEMPLATE_HASH: TEMPLATE_HASH,
        HOST,
        PORT: String(ports.gateway),
        OPS_PORT: String(ports.ops),
        OPS_TOKEN: opsToken,
        // Nobody balances onto it: there is nothing to wait for.
        DRAIN_DELAY_MS: '0',
        UPSTREAM_ORIGIN: `http://${HOST}:${proxies.upstream.listen}`,
        ...stores,
      },
      log,
    ),
  };
}
