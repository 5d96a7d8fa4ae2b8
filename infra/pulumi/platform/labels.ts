/** Labels of what the platform program makes; not those of a service, whose policies must not bind it. */
export const PLATFORM_LABELS = {
  'app.kubernetes.io/managed-by': 'sluice-platform',
  'app.kubernetes.io/part-of': 'sluice-platform',
};
