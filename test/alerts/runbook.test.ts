import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALERTS, isCommand, runbook } from '../../alerts/index.ts';
import { dashboardUid, definition, withValues } from '../../service/definition/index.ts';
import { alertingRules } from './rules.ts';
import { promqlErrors } from './promql.ts';

const COMMITTED = new URL('../../alerts/RUNBOOK.md', import.meta.url);

test('alerts/RUNBOOK.md is what the alerts say; `npm run generate` writes it', () => {
  expect(readFileSync(COMMITTED, 'utf8')).toBe(runbook(definition.prod));
});

test('every alert has a section, also one that no environment has, and its link leads there', () => {
  const anchors = [...runbook(definition.prod).matchAll(/^## (\w+)$/gm)].map(([, title = '']) => title.toLowerCase());
  expect(anchors).toEqual(ALERTS.map(({ id }) => id.toLowerCase()));
  for (const { alert, annotations } of alertingRules(definition.prod))
    expect(annotations.runbook_url).toBe(`alerts/RUNBOOK.md#${alert.toLowerCase()}`);
});

test('links lead to where the definition says that the runbook and Grafana are', () => {
  const service = withValues(definition.prod, [
    'monitoring.runbookUrl=https://wiki.example.com/runbook',
    'monitoring.dashboardUrl=https://grafana.example.com/',
  ]);
  const uid = dashboardUid(service.namespace, 'upstreams');
  expect(alertingRules(service).find(({ alert }) => alert === 'BreakerOpen')?.annotations).toMatchObject({
    runbook_url: 'https://wiki.example.com/runbook#breakeropen',
    dashboard_url: `https://grafana.example.com/d/${uid}`,
  });
  expect(alertingRules(definition.prod)[0]?.annotations).not.toHaveProperty('dashboard_url');
});

describe.each(ALERTS)('the runbook section of $id', ({ runbook: { meaning, impact, firstLook, fix } }) => {
  const looks = Object.values(firstLook(definition.staging));

  test('says what the alert means, what users notice, where to look and what to do', () => {
    for (const part of [meaning, impact, ...looks, ...fix]) expect(part).not.toBe('');
    expect(looks.length).toBeGreaterThanOrEqual(2);
    expect(fix.length).toBeGreaterThanOrEqual(2);
  });

  test('looks with commands for the environment or its namespace, and with valid PromQL', () => {
    for (const look of looks) {
      expect(look).toContain(look.startsWith('npx sluice ') ? '--env staging' : definition.staging.namespace);
      if (!isCommand(look)) expect(promqlErrors(look)).toEqual([]);
    }
  });
});
