/** The secret values that each environment takes as it is defined; those of the guard and of drills are as long as they must be. */
export const PASSWORDS = {
  redisPassword: 'red-secret',
  postgresPassword: 'post-secret',
  guardToken: 'guard-secret'.repeat(3),
  probeKey: 'probe-secret'.repeat(3),
  drillKey: 'drill-secret'.repeat(3),
};
