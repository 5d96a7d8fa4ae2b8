export { createProxyClient, ProxyCallError, type ProxyClient, type ProxyClientOptions } from './client.ts';
export { LONGEST_TTL, type ProxyState } from './control/wire.ts';
export { PROXY_FAULTS, type ProxyFault } from './fault.ts';
export { faultSchema } from './fault-schema.ts';
export { type Address } from './listener.ts';
export { startProxy, type Counts, type Proxy, type ProxyOptions } from './proxy.ts';
