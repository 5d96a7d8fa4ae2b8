/** A profile of Pod Security, from the strictest on. */
export type PodSecurityLevel = 'restricted' | 'baseline' | 'privileged';

// Pinned: a newer cluster must not judge pods by rules that this version of the manifests was never tried against.
const VERSION = 'v1.34';

/** Labels of a namespace: pods beyond the first profile are refused, and those beyond the second one are told of. */
export function podSecurityLabels(enforced: PodSecurityLevel, told: PodSecurityLevel): Record<string, string> {
  const modes = { enforce: enforced, audit: told, warn: told };
  return Object.fromEntries(
    Object.entries(modes).flatMap(([mode, level]) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, VERSION],
    ]),
  );
}
