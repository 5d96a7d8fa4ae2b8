import { ClusterError } from '../../../alerts/rollback/cluster/errors.ts';
import { parseRecord, parseState, STORES, StoredError, type Verdict } from '../../../alerts/rollback/index.ts';
import { plain } from '../../plain.ts';
import type { ApiReader } from '../api-reader.ts';

type Word = { readonly record: string; readonly verdict: Verdict; readonly at: number };

/**
 * What the guard says of a release that it withdrew, and where the whole of it is; undefined where it says nothing of it
 * that can be read: that the release is withdrawn is known without it.
 */
export async function findGuardWord(
  reader: ApiReader,
  namespace: string,
  environment: string,
  release: string,
): Promise<string | undefined> {
  const words = await Promise.all([
    wordsIn(() => currentWord(reader, namespace, release)),
    wordsIn(() => recordedWords(reader, namespace, release)),
  ]);
  const [last] = words.flat().toSorted((one, other) => other.at - one.at);
  if (!last) return undefined;
  const { rule, reason } = last.verdict;
  return `the guard, by the rule ${plain(rule)}: ${plain(reason)}\nwhy in full: sluice release explain ${plain(last.record)} --env ${environment}`;
}

/** What the guard has decided and not yet written down for good. */
async function currentWord(reader: ApiReader, namespace: string, release: string): Promise<readonly Word[]> {
  const { watch } = parseState((await dataOf(reader, namespace, STORES.guard)).state);
  if (watch?.release.id !== release || !watch.verdict) return [];
  return [{ record: watch.id, verdict: watch.verdict, at: watch.decidedAt ?? watch.seenAt }];
}

async function recordedWords(reader: ApiReader, namespace: string, release: string): Promise<readonly Word[]> {
  const records = Object.values(await dataOf(reader, namespace, STORES.releases)).map(parseRecord);
  return records.flatMap(({ id, decision, release: { id: of } }) =>
    of === release && decision ? [{ record: id, verdict: decision.verdict, at: decision.at }] : [],
  );
}

async function dataOf(reader: ApiReader, namespace: string, name: string): Promise<Readonly<Record<string, string>>> {
  const found = await reader.find({ apiVersion: 'v1', kind: 'ConfigMap' }, namespace, name);
  return (found?.data ?? {}) as Readonly<Record<string, string>>;
}

async function wordsIn(read: () => Promise<readonly Word[]>): Promise<readonly Word[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ClusterError || error instanceof StoredError) return [];
    throw error;
  }
}
