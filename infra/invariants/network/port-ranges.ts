import { isDeepStrictEqual } from 'node:util';
import { allowedBy, PROTOCOLS, type Admission, type Pod, type Protocol } from '../../network/index.ts';

/** A port by protocol. */
export type ProtocolPort = { readonly protocol: Protocol; readonly port: number };

/** Neighbouring ports about which policies and flows say the same. */
export type PortRange = {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
  /** Policies that open it; none where it is closed, or where nothing isolates. */
  readonly by: readonly string[];
};

const LAST_PORT = 65_535;

/**
 * The ports that are open though not wanted, or closed though wanted. All ports are judged, of each protocol: what
 * policies say can only change where a rule or a wanted port begins or ends, so one port between two such places is
 * asked about.
 */
export function wrongRanges(found: Admission, wanted: readonly ProtocolPort[] | 'all', receiver: Pod | undefined) {
  const missing: PortRange[] = [];
  const extra: PortRange[] = [];
  for (const protocol of PROTOCOLS) {
    const edges = edgesOf(found, wanted, receiver);
    for (const [index, first] of edges.entries()) {
      const by = allowedBy(found, protocol, first, receiver);
      const open = found.isolatedBy.length === 0 || by.length > 0;
      const declared = wanted === 'all' || wanted.some((each) => each.protocol === protocol && each.port === first);
      if (open === declared) continue;
      append(open ? extra : missing, { protocol, first, last: (edges[index + 1] ?? LAST_PORT + 1) - 1, by });
    }
  }
  return { missing, extra };
}

/** Ranges as they are read: `TCP 80, UDP 1–1023`. */
export function describeRanges(ranges: readonly PortRange[]): string {
  const whole = ranges.filter(({ first, last }) => first === 1 && last === LAST_PORT);
  if (whole.length === PROTOCOLS.length) return 'every port';
  return ranges
    .map(({ protocol, first, last }) => `${protocol} ${first === last ? first : `${first}–${last}`}`)
    .join(', ');
}

function edgesOf({ rules }: Admission, wanted: readonly ProtocolPort[] | 'all', receiver: Pod | undefined): number[] {
  const single = [
    ...(wanted === 'all' ? [] : wanted.map(({ port }) => port)),
    ...(receiver?.ports?.map(({ number }) => number) ?? []),
  ];
  const ranges = rules.flatMap(({ ports }) =>
    ports.flatMap(({ port, endPort }) => (typeof port === 'number' ? [port, (endPort ?? port) + 1] : [])),
  );
  const edges = new Set([1, ...single.flatMap((port) => [port, port + 1]), ...ranges]);
  return [...edges].filter((edge) => edge <= LAST_PORT).sort((a, b) => a - b);
}

function append(ranges: PortRange[], range: PortRange): void {
  const previous = ranges.at(-1);
  const continues =
    previous?.protocol === range.protocol &&
    previous.last + 1 === range.first &&
    isDeepStrictEqual(previous.by, range.by);
  if (continues) ranges[ranges.length - 1] = { ...previous, last: range.last };
  else ranges.push(range);
}
