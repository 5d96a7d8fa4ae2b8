import type { Candidate, Obstacle } from './precondition.ts';

/** The first minor version of Kubernetes 1 that has `preStop.sleep`, with which every pod drains, switched on. */
const OLDEST = 30;

/** The server's version has every field that the objects use. */
export async function version({ reader }: Candidate): Promise<readonly Obstacle[]> {
  const found = await reader.version();
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(found) ?? [];
  if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= OLDEST)) return [];
  return [
    {
      problem: `the cluster runs Kubernetes ${found || 'of unknown version'}, must be at least 1.${OLDEST}`,
      fix: 'upgrade the cluster, or mean another one with --kubeconfig or --context',
    },
  ];
}
