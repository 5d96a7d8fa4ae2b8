import { describe, expect, test } from '@jest/globals';
import {
  ANY_VERSION,
  compareVersions,
  oldestSafeVersion,
  rollbackSafe,
  type SchemaStep,
} from '../../service/definition/index.ts';

const expand: SchemaStep = { name: '0001_a', phase: 'expand' };
const contract = (safeFrom: string): SchemaStep => ({ name: `0002_${safeFrom}`, phase: 'contract', safeFrom });

describe('rollbackSafe', () => {
  test.each([
    ['any version after expand steps alone', '0.0.1', [expand], true],
    ['any version with no step at all', '0.0.1', [], true],
    ['the version from which a contract step is safe', '0.3.0', [expand, contract('0.3.0')], true],
    ['a later one', '0.10.0', [expand, contract('0.3.0')], true],
    ['no earlier one', '0.2.9', [expand, contract('0.3.0')], false],
    ['no candidate of that version', '0.3.0-rc.1', [contract('0.3.0')], false],
    ['none before the strictest step, wherever it stands', '0.9.0', [contract('0.10.0'), contract('0.3.0')], false],
  ] as const)('allows %s', (_title, target, applied, allowed) => {
    expect(rollbackSafe(target, applied)).toBe(allowed);
  });

  test('is told by one version', () => {
    expect(oldestSafeVersion([contract('0.3.0'), expand, contract('0.10.0')])).toBe('0.10.0');
    expect(oldestSafeVersion([expand])).toBe(ANY_VERSION);
  });
});

test('versions are ordered as Semantic Versioning 2 says', () => {
  const ordered = [
    ...['0.2.0', '0.10.0', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2'],
    ...['1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '2.0.0'],
  ];
  const shuffled = [...ordered].sort((a, b) => (a.length - b.length !== 0 ? a.length - b.length : a < b ? 1 : -1));

  expect(shuffled.sort(compareVersions)).toEqual(ordered);
  expect(compareVersions('1.0.0+build.1', '1.0.0+build.2')).toBe(0);
});
