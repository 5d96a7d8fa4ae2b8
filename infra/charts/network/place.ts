import { isIP } from 'node:net';

/** A host that is no program of this environment, by its name or its address. */
export type Host = { readonly host: string };

/** Where a host is, as far as its name tells. */
export type Place =
  | { readonly kind: 'address'; readonly address: string }
  /** A Service of a namespace; which pods stand behind it is its owner's affair. */
  | { readonly kind: 'namespace'; readonly namespace: string }
  /** A name that a resolver may answer with any address, also with one of another namespace. */
  | { readonly kind: 'anywhere' };

// Behind its Service stand addresses of nodes, not pods of the namespace.
const NAMES_OF_API_SERVER = /^kubernetes\.default(\.svc(\..+)?)?$/;

/** The API server, by its Service and behind it: network plug-ins differ in which of the two they judge. */
export const API_SERVER = { host: 'kubernetes.default.svc', ports: [443, 6443] } as const;

/** The host of a URL. */
export function hostOf(url: string): Host {
  return { host: new URL(url).hostname.replace(/^\[|\]$/g, '') };
}

/** The port of a URL, also where it does not say it. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** Where a host is, seen from a pod of a namespace. */
export function placeOf({ host }: Host, namespace: string): Place {
  if (isIP(host) !== 0) return { kind: 'address', address: host };
  if (NAMES_OF_API_SERVER.test(host)) return { kind: 'anywhere' };
  const [, ...rest] = host.split('.');
  // Names without a dot, and those of Services, are completed by the resolver of the pod's own cluster.
  if (rest.length === 0) return { kind: 'namespace', namespace };
  const [second = '', service] = rest;
  const named = service === 'svc' || (service === undefined && second === namespace);
  return named ? { kind: 'namespace', namespace: second } : { kind: 'anywhere' };
}
