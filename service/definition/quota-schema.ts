import { z } from 'zod';
import { bytes, count, cpu } from './fields.ts';

/**
 * What the platform team grants the namespace: no object beyond it is admitted. What the environment asks for is
 * compared with it, at the autoscaler's maximum in the middle of a rollout.
 */
export const quotaSchema = z.strictObject({
  cpu: z.strictObject({ requests: cpu, limits: cpu }),
  memory: z.strictObject({ requests: bytes, limits: bytes }),
  /** Disk of the nodes. */
  ephemeralStorage: z.strictObject({ requests: bytes, limits: bytes }),
  pods: count,
  /** Number of volumes. */
  volumes: count,
  /** Size of all volumes together. */
  storage: bytes,
});
