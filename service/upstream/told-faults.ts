import { UpstreamError } from './upstream-error.ts';

/** What a model does wrong on purpose, by the end of its name: `sample:cut` breaks off half-way. */
export const TOLD_FAULTS = ['fail', 'stall', 'cut', 'rate-limit', 'slow', 'error-in-200', 'html', 'no-usage'] as const;

/** One of them. */
export type ToldFault = (typeof TOLD_FAULTS)[number];

/** The fault that a model's name tells; undefined for any other name. */
export function toldFault(model: string): ToldFault | undefined {
  return TOLD_FAULTS.find((fault) => model.endsWith(`:${fault}`));
}

/** Throws what a model that fails, or is asked too often, answers. */
export function refuseAsTold(fault: ToldFault | undefined): void {
  if (fault === 'fail') throw new UpstreamError(500, 'told_to_fail', 'The model was told to fail.');
  if (fault !== 'rate-limit') return;
  throw new UpstreamError(429, 'rate_limit_exceeded', 'The model was told to refuse.', {
    headers: { 'retry-after': '1', 'retry-after-ms': '250' },
  });
}
