import { findFreeze, formatFreeze, waysOutOfFreeze } from '../freeze.ts';
import type { Candidate, Obstacle } from './precondition.ts';

/** Nobody has said that nothing is to be changed for now. */
export async function freeze({ environment, namespace, reader }: Candidate): Promise<readonly Obstacle[]> {
  const found = await findFreeze(reader, namespace, Date.now());
  return found ? [{ problem: formatFreeze(environment, found), fix: waysOutOfFreeze(environment) }] : [];
}
