import type { Service } from '../../service/definition/index.ts';

/** Throws where nothing may be broken on purpose: in production, and where drills are not enabled. */
export function requireDrills({ drills, environment }: Pick<Service, 'drills' | 'environment'>): void {
  if (environment === 'prod') throw new Error('prod is never broken on purpose: export experiments of staging or dev');
  if (!drills.enabled)
    throw new Error(`drills.enabled is false in ${environment}: set it to true where experiments may run`);
}
