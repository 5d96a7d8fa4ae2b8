import { expect, test } from '@jest/globals';
import { definition, DefinitionError, withValues } from '../../service/definition/index.ts';

test.each([
  ['monitoring.evaluationInterval', '0s', 'a duration above zero'],
  ['monitoring.scrapeInterval', '0ms', 'a duration above zero'],
  ['release.window', '0m', 'a duration above zero'],
  ['release.probes', '0/s', 'a count per second, minute or hour'],
  ['release.restoreSurge', '0', 'a whole number of at least 1'],
  ['release.baseline', '-1', 'a whole number of at least 0'],
  ['load.perPod', '84', 'a count per second, minute or hour'],
])('%s=%s is refused, and told what would be right', (path, value, right) => {
  const attempt = (): unknown => withValues(definition.prod, [`${path}=${value}`]);
  expect(attempt).toThrow(DefinitionError);
  expect(attempt).toThrow(right);
});

test('a group may be told without waiting, and a release be judged without a baseline', () => {
  const changed = withValues(definition.prod, ['release.groupWait=0s', 'release.baseline=0']);
  expect(changed.release).toMatchObject({ groupWait: '0s', baseline: 0 });
});
