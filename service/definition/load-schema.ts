import { z } from 'zod';
import { rate } from './fields.ts';

/** The requests that the service is made for, of everyone together. */
export const loadSchema = z.strictObject({
  /** In the quietest hour in which releases are made. */
  lowest: rate,
  /** In the busiest minute. */
  peak: rate,
  /** What one pod was measured to answer within the objectives. */
  perPod: rate,
});
