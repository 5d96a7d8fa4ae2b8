import { findFreePort } from '../../../service/store/free-port.ts';
import { startFile, type Contestant } from './contestant.ts';
import { HIT } from './gateway.ts';

/** Starts a file of `test/bench/peers` on a free port. */
export async function startPeer(
  name: string,
  variables: Readonly<Record<string, string>> = {},
  path = HIT,
  cores?: string,
): Promise<Contestant> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}${path}`;
  return startFile(`test/bench/peers/${name}.ts`, url, { PORT: String(port), ...variables }, cores);
}

/** Starts what a contestant needs before it and stops it after it. */
export async function withHelper(
  helper: Contestant,
  start: (helper: Contestant) => Promise<Contestant>,
): Promise<Contestant> {
  const contestant = await start(helper);
  return {
    ...contestant,
    async stop() {
      await contestant.stop();
      await helper.stop();
    },
  };
}

/** Starts what stands in front of the upstream of the races, given its address. */
export async function inFrontOfUpstream(start: (url: string) => Promise<Contestant>): Promise<Contestant> {
  return withHelper(await startUpstream(), ({ url }) => start(url));
}

/** The upstream of the races, on the second core. */
export async function startUpstream(path = '/'): Promise<Contestant> {
  const port = await findFreePort();
  return startFile('test/bench/peers/upstream.ts', `http://127.0.0.1:${port}${path}`, { PORT: String(port) }, '1');
}
