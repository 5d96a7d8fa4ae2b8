import { kubectl } from './kubectl.ts';

/** Asks for an eviction; `refused` when the disruption budget does not allow it now. */
export async function evict(namespace: string, pod: string): Promise<'evicted' | 'refused'> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
  try {
    await kubectl(namespace, ['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
    return 'evicted';
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    if (stderr.includes('disruption budget')) return 'refused';
    if (stderr.includes('not found')) return 'evicted';
    throw error;
  }
}
