export { admission, allowedBy, NAMESPACE_LABEL } from './admission.ts';
export type { Admission, End, Network, Pod } from './admission.ts';
export { judge } from './judge.ts';
export type { Connection, SideVerdict, Verdict } from './judge.ts';
export { PROTOCOLS } from './objects.ts';
export type * from './objects.ts';
