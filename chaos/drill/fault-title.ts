import type { Experiment, MeansId } from '../experiment.ts';

type Named = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** The fault of an experiment in words, as its means does it: `proxy on upstream: latency, latency 2s`. */
export function faultTitle({ means }: Pick<Experiment, 'means'>, by: MeansId): string {
  const fault = means[by] as Named | undefined;
  return fault ? words(fault) : 'no fault';
}

function words({ kind, on, fault, ...rest }: Named): string {
  const place = on === undefined ? '' : ` on ${[on].flat().map(String).join(', ')}`;
  const details = [
    ...(isNamed(fault) ? [words(fault)] : []),
    ...Object.entries(rest).map(
      ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ];
  // A status is its own detail: `status 500`.
  const named = details.filter((detail) => !detail.startsWith(`${kind} `));
  const title = details.find((detail) => detail.startsWith(`${kind} `)) ?? kind;
  return `${title}${place}${named.length > 0 ? `: ${named.join(', ')}` : ''}`;
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
