import { isDeepStrictEqual } from 'node:util';
import type { ProxyFault } from '../fault.ts';
import type { Proxy } from '../proxy.ts';

/** Faults of one proxy that end by themselves: whoever set one may be gone by then. */
export type Lease = {
  /** Sets a fault for so many seconds; of the one that holds already, it only counts them anew. */
  set(fault: ProxyFault, seconds: number): Promise<void>;
  clear(): Promise<void>;
  /** Milliseconds that are left. */
  left(): number | undefined;
};

/** Leases the faults of a proxy. Time is the process's own, which no change of the clock moves. */
export function createLease(proxy: Proxy): Lease {
  let timer: NodeJS.Timeout | undefined;
  let end: number | undefined;

  const clear = (): Promise<void> => {
    clearTimeout(timer);
    end = undefined;
    return proxy.clear();
  };
  return {
    clear,
    async set(fault, seconds) {
      // Throws where the proxy cannot do it; then what held still does, until its own end.
      const inForce = isDeepStrictEqual(fault, proxy.fault()) ? undefined : proxy.set(fault);
      clearTimeout(timer);
      end = performance.now() + seconds * 1000;
      timer = setTimeout(() => void clear(), seconds * 1000);
      await inForce;
    },
    left: () => (end === undefined ? undefined : Math.max(0, end - performance.now())),
  };
}
