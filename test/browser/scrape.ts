/** The samples of a scrape. */
export type Scrape = readonly {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}[];

/** Labels of a sample: as they are, or as they match. */
export type Wanted = Readonly<Record<string, string | RegExp>>;

/** Reads `/metrics` of an ops port. */
export async function readMetrics(port: number): Promise<Scrape> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', of = '']) => [label, of] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The sum of the samples of a name whose labels are so. */
export function total(scrape: Scrape, name: string, wanted: Wanted = {}): number {
  return matching(scrape, name, wanted).reduce((sum, { value }) => sum + value, 0);
}

/** The counts of a histogram by the edges of its buckets, of all series whose labels are so. */
export function bucketsOf(scrape: Scrape, name: string, wanted: Wanted): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { labels, value } of matching(scrape, `${name}_bucket`, wanted)) {
    const edge = labels.le === '+Inf' ? Infinity : Number(labels.le);
    counts.set(edge, (counts.get(edge) ?? 0) + value);
  }
  return counts;
}

/** The value below which a share of what was counted lies: linear between two edges. */
export function interpolated(counts: ReadonlyMap<number, number>, share: number): number {
  const rank = share * (counts.get(Infinity) ?? 0);
  let [from, below] = [0, 0];
  for (const [edge, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count >= rank) return edge === Infinity ? from : from + ((edge - from) * (rank - below)) / (count - below);
    [from, below] = [edge, count];
  }
  return NaN;
}

function matching(scrape: Scrape, name: string, wanted: Wanted): Scrape {
  return scrape.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(wanted).every(([label, value]) => {
        const is = sample.labels[label] ?? '';
        return typeof value === 'string' ? is === value : value.test(is);
      }),
  );
}
