import { stringify } from 'yaml';

/** The value with the keys of every object in code unit order, which no machine's locale changes; lists keep theirs. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

/** JSON with sorted keys and a final newline. */
export function sortedJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

/** YAML with sorted keys; several documents when several values are given. */
export function sortedYaml(...values: readonly unknown[]): string {
  // Kubernetes and Prometheus read YAML 1.1, where a bare `on` or `yes` is a boolean: that version quotes them.
  const options = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
  return values.map((value) => stringify(sorted(value), options)).join('---\n');
}
