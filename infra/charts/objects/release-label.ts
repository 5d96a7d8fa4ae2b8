/** The label by which Kubernetes tells the pods of one release from those of another; Prometheus writes it with `_`. */
export const RELEASE_LABEL = 'pod-template-hash';
