/**
 * Annotations of an object that stays when it is no longer among those that are applied: neither Argo CD nor Flux takes
 * it away, and Argo CD counts it as no difference. Pulumi is told by its own policy.
 */
export const RETAINED: Readonly<Record<string, string>> = {
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'argocd.argoproj.io/sync-options': 'Prune=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
};
