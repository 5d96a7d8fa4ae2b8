import type { Answer, Connection } from './connection.ts';
import type { LiveObject } from './live-object.ts';

/** Under which name the API server notes what the guard set. */
export const FIELD_MANAGER = 'sluice-guard';

/** One step of a JSON Patch (RFC 6902). */
export type PatchStep = { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown };

/** What names an object, and which version of it was read. */
type Named = Pick<LiveObject, 'kind' | 'metadata'>;

const AS = `?fieldManager=${FIELD_MANAGER}`;
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

const NOT_FOUND = 404;
const CONFLICT = 409;
/** What a step of a patch meets that is not as it tests. */
const UNPROCESSABLE = 422;

/** Creates an object; undefined when there is one of that name. Throws a ClusterError when it is refused. */
export async function create(connection: Connection, path: string, object: Named): Promise<LiveObject | undefined> {
  const answer = await connection.send('POST', `${path}${AS}`, object);
  if (answer.status === CONFLICT) return undefined;
  return requireObject(connection, answer, `create ${object.kind} ${object.metadata.name}`);
}

/**
 * Changes an object by a JSON Patch, if it still is as it was read; undefined when it is not. Throws a ClusterError when
 * the patch is refused for what it sets.
 */
export async function patchAsRead(
  connection: Connection,
  path: string,
  { kind, metadata }: Named,
  steps: readonly PatchStep[],
): Promise<LiveObject | undefined> {
  const asRead: PatchStep = { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion };
  const answer = await connection.send('PATCH', `${path}${AS}`, [asRead, ...steps], { type: JSON_PATCH });
  if (answer.status === CONFLICT || isFailedTest(answer)) return undefined;
  return requireObject(connection, answer, `patch ${kind} ${metadata.name}`);
}

/**
 * Changes fields of an object, if it still is as it was read; undefined when it is not. A field that becomes null goes.
 * Throws a ClusterError when the change is refused.
 */
export async function mergeAsRead(
  connection: Connection,
  path: string,
  { kind, metadata }: Named,
  fields: Readonly<Record<string, unknown>>,
): Promise<LiveObject | undefined> {
  const body = { metadata: { resourceVersion: metadata.resourceVersion }, ...fields };
  const answer = await connection.send('PATCH', `${path}${AS}`, body, { type: MERGE_PATCH });
  if (answer.status === CONFLICT) return undefined;
  return requireObject(connection, answer, `patch ${kind} ${metadata.name}`);
}

/** Deletes one object as it was read; false when it is gone, or no longer the same. Throws a ClusterError. */
export async function remove(connection: Connection, path: string, { kind, metadata }: LiveObject): Promise<boolean> {
  const { uid, resourceVersion } = metadata;
  return removed(connection, path, { uid, resourceVersion }, `delete ${kind} ${metadata.name}`);
}

/** Deletes one object whatever became of it since it was read, but none that took its name. Throws a ClusterError. */
export async function removeAnyState(
  connection: Connection,
  path: string,
  { kind, metadata }: LiveObject,
): Promise<boolean> {
  return removed(connection, path, { uid: metadata.uid }, `delete ${kind} ${metadata.name}`);
}

async function removed(
  { send, refuse }: Connection,
  path: string,
  preconditions: Readonly<Record<string, string | undefined>>,
  what: string,
): Promise<boolean> {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions };
  const answer = await send('DELETE', path, options);
  if (answer.status === CONFLICT || answer.status === NOT_FOUND) return false;
  return isGood(answer) || refuse(answer, what);
}

/** Whether it is the test that failed: a patch that sets what is wrong has the same status, and lists causes by field. */
function isFailedTest({ status, text }: Answer): boolean {
  return status === UNPROCESSABLE && !text.includes('"causes"');
}

function requireObject({ refuse }: Connection, answer: Answer, what: string): LiveObject {
  return isGood(answer) ? (JSON.parse(answer.text) as LiveObject) : refuse(answer, what);
}

function isGood({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}
