import { createHash } from 'node:crypto';

/** A key as the shared tier sees it: its SHA-256, so that no query text and no owner ends up in a name there. */
export function hashedKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
