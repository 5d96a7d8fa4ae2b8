import { access } from './access.ts';
import { classes } from './classes.ts';
import { freeze } from './freeze.ts';
import { kinds } from './kinds.ts';
import { owner } from './owner.ts';
import type { Precondition } from './precondition.ts';
import { quarantine } from './quarantine.ts';
import { quota } from './quota.ts';
import { secrets } from './secrets.ts';
import { storage } from './storage.ts';
import { version } from './version.ts';

/** What must hold of a cluster before anything is changed on it, in the order in which it is told. */
export const PRECONDITIONS: readonly Precondition[] = [
  { id: 'version', inspect: version },
  { id: 'kinds', inspect: kinds },
  { id: 'namespace', inspect: owner },
  { id: 'access', inspect: access },
  { id: 'storage', inspect: storage },
  { id: 'classes', inspect: classes },
  { id: 'quota', inspect: quota },
  { id: 'quarantine', inspect: quarantine },
  { id: 'freeze', inspect: freeze },
  { id: 'secrets', inspect: secrets, needsPlan: true },
];
