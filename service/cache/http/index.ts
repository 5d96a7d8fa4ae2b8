export { parseRequestDirectives, parseResponseDirectives } from './cache-control.ts';
export type { RequestDirectives, ResponseDirectives } from './cache-control.ts';
export { cacheName, forwardStatus, hitStatus } from './cache-status.ts';
export type { Forwarding, ForwardReason } from './cache-status.ts';
export { fieldValue, requestValue, withoutFields } from './fields.ts';
export type { RequestFields } from './fields.ts';
export type { AnswerTimes, Heuristic } from './freshness.ts';
export { formatHttpDate, parseHttpDate } from './http-date.ts';
export { invalidatedAddresses, isUnsafe } from './invalidation.ts';
export type { Address } from './invalidation.ts';
export { ResponseStore } from './response-store.ts';
export type { ResponseStoreOptions } from './response-store.ts';
export { ageMs, maySubstitute, NO_WISHES, reuseOf, wishesOf } from './reuse.ts';
export type { Reuse, Wishes } from './reuse.ts';
export { isStorable } from './storability.ts';
export { freshened, keepMs, storedHead } from './stored-response.ts';
export type { ReceivedHead, StoredFacts, StoredResponse } from './stored-response.ts';
export {
  hasValidator,
  isAbout,
  isDescribedBy,
  isNotModified,
  notModifiedFields,
  UNCONDITIONAL,
  validationFields,
} from './validators.ts';
export { varyNames, varyText } from './vary.ts';
