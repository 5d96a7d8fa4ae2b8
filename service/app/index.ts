export { createApiKey, findKey, listApiKeys, revokeApiKey } from './api-keys.ts';
export type { ApiKey, KeyTable, NewApiKey } from './api-keys.ts';
export { createApp } from './create-app.ts';
export type { AppDependencies } from './create-app.ts';
export { createLoginGuard } from './login-guard.ts';
export type { LoginGuard, LoginGuardOptions } from './login-guard.ts';
export type { Sessions, Upstream, UpstreamAnswer } from './ports.ts';
export { createUser, setUserPassword } from './users.ts';
