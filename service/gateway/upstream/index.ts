export { CONNECTION_GROUPS, createUpstreamClient } from './client.ts';
export type { ConnectionGroup, UpstreamClient, UpstreamOptions } from './client.ts';
export type { ConnectionCounts } from './connection-pool.ts';
export { DEADLINE_HEADER, UpstreamResponse } from './request.ts';
export type { AttemptOutcome, UpstreamRequest } from './request.ts';
