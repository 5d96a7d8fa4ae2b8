import { RunError } from '@pulumi/pulumi';
import { tooOld } from '../node-version.js';

const reason = tooOld();
if (reason !== undefined) throw new RunError(reason);

/** The namespace that holds everything of this environment. */
export const { namespace } = await import('./main.ts');
