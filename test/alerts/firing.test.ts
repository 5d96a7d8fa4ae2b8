import { describe, expect, test } from '@jest/globals';
import { ALERTS, pendingOf, type Alert } from '../../alerts/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { CASES } from './cases/index.ts';
import { runRules, type Expectation } from './rule-test.ts';
import { testWith } from './tools.ts';

/** Always fires: that is what it is for. */
const HEARTBEAT = 'Watchdog';

describe.each(ALERTS.map((alert) => [alert.id, alert as Alert] as const))('%s', (id, alert) => {
  const cases = CASES[id];

  if (id !== HEARTBEAT) {
    test('has a case in which it fires, one in which it is over, and one in which it is silent', () => {
      expect(cases.some(({ fires }) => fires !== undefined)).toBe(true);
      expect(cases.some(({ fires, over }) => fires !== undefined && over !== undefined)).toBe(true);
      expect(cases.some(({ fires }) => fires === undefined)).toBe(true);
    });
  }

  if (pendingOf(alert, definition.prod) !== '0s') {
    test('has a case that shows how long it must hold', () => {
      expect(cases.some(({ fires, before }) => fires !== undefined && before !== undefined)).toBe(true);
    });
  }

  for (const { title, input, at, fires, before, over, settings = [], environment = 'prod', every } of cases) {
    testWith('promtool', `${fires ? 'fires' : 'is silent'}: ${title}`, () => {
      const expectations: Expectation[] = [
        ...(before === undefined ? [] : [{ alert: id, at: before }]),
        { alert: id, at, ...(fires && { fires }) },
        ...(over === undefined ? [] : [{ alert: id, at: over }]),
      ];
      const service = withValues(definition[environment], settings);
      const { status, output } = runRules(service, input, expectations, every);
      expect(output).toContain('SUCCESS');
      expect(status).toBe(0);
    });
  }
});
