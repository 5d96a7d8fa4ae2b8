import { readFileSync } from 'node:fs';
import type { Variables } from '../../../../service/variables.ts';

/** Whose connections are ended. */
export type CutSettings = {
  readonly kind: 'redis' | 'postgres';
  /** The address with its password, leading to the store itself and not to what stands in front of it. */
  readonly url: string;
};

/** Reads what the program is told by its environment. Throws an Error that names the wrong variable. */
export function readCutSettings({ CUT_KIND, CUT_HOST, CUT_URL_FILE }: Variables): CutSettings {
  if (CUT_KIND !== 'redis' && CUT_KIND !== 'postgres')
    throw new Error("CUT_KIND must be 'redis' or 'postgres'; example: CUT_KIND=redis");
  if (CUT_HOST === undefined || CUT_HOST === '')
    throw new Error('CUT_HOST is missing; example: CUT_HOST=drill-target-redis');
  if (CUT_URL_FILE === undefined || CUT_URL_FILE === '')
    throw new Error('CUT_URL_FILE is missing; example: CUT_URL_FILE=/run/secrets/redis/url');
  const url = new URL(readFileSync(CUT_URL_FILE, 'utf8').trim());
  // Of schemes that it does not know, the standard lets nobody change the host of an address without one.
  url.hostname = CUT_HOST;
  return { kind: CUT_KIND, url: url.href };
}
