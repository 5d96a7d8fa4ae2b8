/** Powers of the suffixes of Kubernetes' quantities. */
const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** An amount as Kubernetes writes it, such as `250m`, `1Gi` or `1e3`, as a number of its unit; undefined for other text. */
export function findQuantity(value: string | number): number | undefined {
  const [, amount, suffix = ''] =
    /^((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]{0,2})$/.exec(String(value)) ?? [];
  const factor = SUFFIXES[suffix];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

/** The same; throws where there is no such amount. */
export function parseQuantity(value: string | number): number {
  const found = findQuantity(value);
  if (found === undefined) throw new Error(`'${value}' is no quantity, such as 250m or 1Gi`);
  return found;
}
