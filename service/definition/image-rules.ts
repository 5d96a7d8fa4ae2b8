import type { Finding } from './findings.ts';
import type { ServiceValues } from './schema.ts';

/** Where `images` is `digest`, an image that is named by its tag alone. */
export function imageFindings(service: ServiceValues): Finding[] {
  if (service.images !== 'digest') return [];
  const ours =
    service.image.digest === undefined
      ? [{ path: 'image.digest', value: undefined, right: "'sha256:' and 64 hexadecimal digits: images is 'digest'" }]
      : [];
  return [...ours, ...tagged(service, [])];
}

/** Every field `image` at any depth that is text without a digest, and every text below a field `images`. */
function tagged(value: unknown, path: readonly string[]): Finding[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => tagged(inner, [...path, key]));
  if (typeof value !== 'string' || !namesImage(path) || value.includes('@sha256:')) return [];
  return [
    { path: path.join('.'), value, right: `the same with its digest, '${value}@sha256:...': images is 'digest'` },
  ];
}

function namesImage(path: readonly string[]): boolean {
  return path.at(-1) === 'image' || path.slice(0, -1).at(-1) === 'images';
}
