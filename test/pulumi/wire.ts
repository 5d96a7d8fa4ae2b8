import { runtime } from '@pulumi/pulumi';

/** Inputs of a resource as the engine gets them, without Pulumi's markers. */
export type Inputs = {
  readonly values: Readonly<Record<string, unknown>>;
  /** Paths of the values that are marked as secret: `stringData`. */
  readonly secretPaths: readonly string[];
};

/** Takes the markers of secrets and outputs off; the SDK's own decoder would lift every secret mark to the top. */
export function decodeInputs(encoded: Readonly<Record<string, unknown>>): Inputs {
  const secretPaths: string[] = [];
  const values = decode(encoded, '', secretPaths) as Record<string, unknown>;
  return { values, secretPaths };
}

/** Marks a value as secret, as an engine does with outputs. */
export function asSecret(value: unknown): unknown {
  return { [runtime.specialSigKey]: runtime.specialSecretSig, value };
}

function decode(value: unknown, path: string, secretPaths: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => decode(item, join(path, index), secretPaths));
  if (typeof value !== 'object' || value === null) return value;
  const marked = value as Record<string, unknown>;
  const signature = marked[runtime.specialSigKey];
  if (signature === runtime.specialSecretSig || signature === runtime.specialOutputValueSig) {
    if (signature === runtime.specialSecretSig || marked.secret === true) secretPaths.push(path);
    return decode(marked.value, path, secretPaths);
  }
  return Object.fromEntries(
    Object.entries(marked).map(([key, inner]) => [key, decode(inner, join(path, key), secretPaths)]),
  );
}

function join(path: string, key: string | number): string {
  return path === '' ? `${key}` : `${path}.${key}`;
}
