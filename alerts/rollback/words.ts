/** A length of time for people, in seconds. */
export function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

/** A share from 0 to 1 for people. */
export function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

/** A number of requests, which Prometheus tells as a rate. */
export function requests(count: number): string {
  return `${Math.round(count * 10) / 10}`;
}
