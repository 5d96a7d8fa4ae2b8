import { isDrilled, type Service } from '../../../service/definition/index.ts';
import type { Flow } from '../network/flow.ts';
import { CHAOS_MESH_NAMESPACE } from './place.ts';

/** Who looks whether the gateway answers while a workflow of Chaos Mesh runs: its controller. */
export function chaosMeshFlows(values: Pick<Service, 'drills' | 'gateway'>): readonly Flow[] {
  if (!isDrilled(values)) return [];
  const controller = { host: `chaos-controller-manager.${CHAOS_MESH_NAMESPACE}.svc` };
  return [{ from: controller, to: 'gateway', ports: [values.gateway.port] }];
}
