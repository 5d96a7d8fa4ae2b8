export { createApiKey, findKeyOwner } from './api-keys.ts';
export { createApp } from './create-app.ts';
export type { AppDependencies } from './create-app.ts';
export type { Sessions, Upstream, UpstreamAnswer } from './ports.ts';
export { createUser, setUserPassword } from './users.ts';
