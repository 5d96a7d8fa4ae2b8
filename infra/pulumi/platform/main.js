import { RunError } from '@pulumi/pulumi';
import { tooOld } from '../../node-version.js';

const reason = tooOld();
if (reason !== undefined) throw new RunError(reason);

/** The parts that the cluster has from this program. */
export const { parts } = await import('./main.ts');
