import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALERTS, ruleGroups, runbook } from '../../alerts/index.ts';
import { definition } from '../../service/definition/index.ts';
import { promqlErrors } from './promql.ts';

const COMMITTED = new URL('../../alerts/RUNBOOK.md', import.meta.url);

test('alerts/RUNBOOK.md is what the alerts say; `npm run generate` writes it', () => {
  expect(readFileSync(COMMITTED, 'utf8')).toBe(runbook(definition.prod));
});

test('the link of every alert leads to a section of the runbook', () => {
  const anchors = [...runbook(definition.prod).matchAll(/^## (\w+)$/gm)].map(([, title = '']) => title.toLowerCase());
  const links = ruleGroups(definition.prod).groups.flatMap(({ rules }) =>
    rules.map(({ annotations }) => annotations.runbook_url),
  );
  expect(links).toEqual(anchors.map((anchor) => `alerts/RUNBOOK.md#${anchor}`));
});

describe.each(ALERTS)('the runbook section of $id', ({ runbook: { meaning, impact, firstLook, fix } }) => {
  const looks = Object.values(firstLook(definition.staging));

  test('says what the alert means, what users notice, where to look and what to do', () => {
    for (const part of [meaning, impact, ...looks, ...fix]) expect(part).not.toBe('');
    expect(looks.length).toBeGreaterThanOrEqual(2);
    expect(fix.length).toBeGreaterThanOrEqual(2);
  });

  test('looks with commands for the namespace of the environment and with valid PromQL', () => {
    for (const look of looks) {
      expect(look).toContain(definition.staging.namespace);
      if (!look.startsWith('kubectl ')) expect(promqlErrors(look)).toEqual([]);
    }
  });
});
