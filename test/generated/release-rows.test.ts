import { expect, test } from '@jest/globals';
import { RULES } from '../../alerts/rollback/rules.ts';
import { ruleRows, watchRows } from '../../infra/generated/release-rows.ts';

test('the page on releases says of each rule in turn when it holds, what the guard does and what people do', () => {
  expect(ruleRows().map(([id]) => id)).toEqual(RULES.map(({ id }) => `\`${id}\``));
  for (const row of ruleRows()) expect(row).not.toContain('');
});

test('it says what the guard waits for, and what then', () => {
  const answers = Object.fromEntries(ruleRows().map(([id = '', , answer]) => [id, answer]));
  expect(answers).toMatchObject({
    '`schema`': 'refuse',
    '`sample-too-small`': 'wait, and inconclusive when `release.patience` ends',
    '`bad`': 'roll-back',
  });
});

test('it says for each environment how soon a bad release is found', () => {
  const [, ...computed] = watchRows().find(([what]) => what?.includes('computed')) ?? [];
  expect(computed).toHaveLength(3);
  for (const time of computed) expect(time).toMatch(/^\d+s$/);
});
