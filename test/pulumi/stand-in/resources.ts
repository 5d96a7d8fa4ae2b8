import type { Registration } from '../registration.ts';

/** What was made of each resource, by URN, in the order in which it was made. */
export type Resources = Readonly<Record<string, Resource>>;

/** What was made of one. */
export type Resource = Pick<Registration, 'type' | 'values' | 'secretPaths' | 'retainOnDelete' | 'ignoreChanges'>;
