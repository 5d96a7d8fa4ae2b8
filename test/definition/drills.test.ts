import { expect, test } from '@jest/globals';
import {
  defineService,
  definition,
  DefinitionError,
  parseService,
  withValues,
  type DefinitionInput,
} from '../../service/definition/index.ts';

const REFUSAL = 'drills.enabled (prod): is true, must be false: drills run in staging (or dev)';

test('production has no drills, however they are asked for', () => {
  const { environment: _, ...shared } = structuredClone(definition.staging);
  const written = { ...shared, environments: { dev: {}, staging: {}, prod: {} } } as DefinitionInput;

  for (const attempt of [
    () => defineService(written),
    () => withValues(definition.prod, ['drills.enabled=true']),
    () => parseService({ ...definition.prod, drills: definition.staging.drills }),
  ]) {
    expect(attempt).toThrow(DefinitionError);
    expect(attempt).toThrow(REFUSAL);
  }
});

test.each(['dev', 'staging'] as const)('%s may have them', (environment) => {
  expect(withValues(definition[environment], ['drills.enabled=true']).drills.enabled).toBe(true);
});
