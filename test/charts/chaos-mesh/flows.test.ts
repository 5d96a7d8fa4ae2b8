import { expect, test } from '@jest/globals';
import { flows } from '../../../infra/charts/index.ts';
import { definition, withValues } from '../../../service/definition/index.ts';

const CONTROLLER = { from: { host: 'chaos-controller-manager.chaos-mesh.svc' }, to: 'gateway', ports: [8080] };

test('the controller of Chaos Mesh may ask a gateway that is drilled how it is, and no other', () => {
  expect(flows(definition.staging)).toContainEqual(CONTROLLER);
  expect(flows(withValues(definition.staging, ['drills.enabled=false']))).not.toContainEqual(CONTROLLER);
  expect(flows(definition.prod)).not.toContainEqual(CONTROLLER);
});
