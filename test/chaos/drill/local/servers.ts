import { findServers, missing, WATCHING } from '../../../../chaos/drill/local/server-programs.ts';

/** Why no stand can be tried here; undefined: it can. With CI=true that is an error. */
export function standMissing(): string | undefined {
  const servers = findServers();
  const absent = (['redis', ...WATCHING] as const).find((id) => servers[id] === undefined);
  if (absent === undefined) return undefined;
  if (process.env.CI === 'true') throw new Error(missing(absent));
  return missing(absent);
}
