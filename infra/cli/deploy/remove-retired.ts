import type { Desk } from './desk.ts';
import type { Target } from './target.ts';

/**
 * Removes configuration of earlier releases that nobody can go back to, and tells how much it was. A deploy that is done
 * does not fail for it: what cannot be removed is noted, and waits for the next.
 */
export async function removeRetired({ objects, service, reader, writer }: Target, desk: Desk): Promise<number> {
  const { findRetiredConfiguration } = await import('../../cluster/index.ts');
  let removed = 0;
  try {
    for (const object of await findRetiredConfiguration(reader, objects, service.namespace, Date.now())) {
      if (await writer.remove(object)) removed += 1;
    }
  } catch (error) {
    desk.err(`note: configuration of earlier releases stays: ${(error as Error).message}\n`);
  }
  if (removed > 0) {
    desk.err(`removed ${removed} ConfigMap${removed === 1 ? '' : 's'} of releases that nobody can go back to\n`);
  }
  return removed;
}
