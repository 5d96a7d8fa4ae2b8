export { FastListener } from './listener.ts';
export type { FastListenerOptions } from './listener.ts';
