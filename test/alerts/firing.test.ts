import { describe, expect, test } from '@jest/globals';
import { ALERTS } from '../../alerts/index.ts';
import { definition } from '../../service/definition/index.ts';
import { CASES } from './cases.ts';
import { runRules } from './rule-test.ts';
import { testWith } from './tools.ts';

describe.each(ALERTS.map(({ id }) => id))('%s', (id) => {
  const cases = CASES[id];

  test('has a case in which it fires and one in which it is silent', () => {
    expect(new Set(cases.map(({ fires }) => fires !== undefined))).toEqual(new Set([true, false]));
  });

  for (const { title, input, ...expectation } of cases) {
    testWith('promtool', `${expectation.fires ? 'fires' : 'is silent'}: ${title}`, () => {
      const { status, output } = runRules(definition.prod, input, [{ alert: id, ...expectation }]);
      expect(output).toContain('SUCCESS');
      expect(status).toBe(0);
    });
  }
});
