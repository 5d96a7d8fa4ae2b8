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

/** An amount as Kubernetes writes it, such as `250m` or `1Gi`, as a number of its unit. Throws when it is none. */
export function parseQuantity(text: string | number): number {
  const [, digits = '', suffix = ''] = /^([\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(text)) ?? [];
  const power = SUFFIXES[suffix];
  if (digits === '' || power === undefined) throw new Error(`'${text}' is no quantity, such as 250m or 1Gi`);
  return Number(digits) * power;
}
