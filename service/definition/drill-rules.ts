import type { Finding } from './findings.ts';
import type { EnvironmentName, ServiceValues } from './schema.ts';

/** Drills where there are none to be: in production, which `environment` alone tells. */
export function drillFindings({ drills }: Pick<ServiceValues, 'drills'>, environment: EnvironmentName): Finding[] {
  if (environment !== 'prod' || !drills.enabled) return [];
  const right = 'false: drills run in staging (or dev), production is never broken on purpose';
  return [{ path: 'drills.enabled', value: drills.enabled, right }];
}
