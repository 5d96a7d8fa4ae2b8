export type { CacheEntry } from './entry.ts';
export { ResponseCache } from './response-cache.ts';
export type { Cacheable, ResponseCacheOptions } from './response-cache.ts';
