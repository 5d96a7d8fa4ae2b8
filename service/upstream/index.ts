export { startUpstream } from './server.ts';
export type { RunningUpstream, UpstreamOptions } from './server.ts';
