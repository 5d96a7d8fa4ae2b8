/** Why an object stays as it is. */
export class PatchFailure extends Error {}

type Step = { readonly op: string; readonly path: string; readonly value?: unknown };
type Tree = Record<string, unknown>;

/** An object after a JSON Patch (RFC 6902): adds, replaces, removes and tests. Throws a PatchFailure when a step fails. */
export function jsonPatched(object: object, steps: readonly Step[]): object {
  const result = structuredClone(object) as Tree;
  for (const { op, path, value } of steps) {
    const keys = path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    const parent = keys.reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], result) as Tree | undefined;
    if (!parent) throw new PatchFailure(`${op} ${path}: there is no parent`);
    if (op !== 'add' && !(last in parent)) throw new PatchFailure(`${op} ${path}: there is none`);
    if (op === 'test' && JSON.stringify(parent[last]) !== JSON.stringify(value)) {
      throw new PatchFailure(`testing value ${path} failed`);
    }
    if (op === 'remove') Reflect.deleteProperty(parent, last);
    else if (op !== 'test') parent[last] = value;
  }
  return result;
}

/** A value after a merge patch (RFC 7396). */
export function mergePatched(value: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(value) ? { ...value } : {};
  for (const [key, inner] of Object.entries(patch)) {
    if (inner === null) Reflect.deleteProperty(result, key);
    else result[key] = mergePatched(result[key], inner);
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
