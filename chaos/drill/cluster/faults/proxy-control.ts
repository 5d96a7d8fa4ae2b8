import { DRILL_PROXY_PORT } from '../../../../service/definition/index.ts';
import { createProxyClient, type ProxyFault } from '../../../faults/index.ts';

/** The way to fault proxies, by the addresses of their pods. Calls reject when it is not done. */
export type ProxyControl = {
  /** Sets a fault, which the proxy takes back by itself after so many milliseconds. */
  readonly set: (address: string, fault: ProxyFault, ttl: number) => Promise<void>;
  /** Lets everything pass. */
  readonly clear: (address: string) => Promise<void>;
};

/** What every proxy calls what it stands in front of: it has but one. */
export const PROXIED_NAME = 'proxied';

/** Speaks to proxies with the key that they are started with. */
export function proxyControl(key: string): ProxyControl {
  const client = (address: string) => createProxyClient({ origin: `http://${address}:${DRILL_PROXY_PORT}`, key });
  return {
    async set(address, fault, ttl) {
      // Not before the keeper's own deadline: who takes a fault back in order also puts the Service back.
      await client(address).set(PROXIED_NAME, fault, Math.ceil(ttl / 1_000));
    },
    async clear(address) {
      await client(address).clearAll();
    },
  };
}
