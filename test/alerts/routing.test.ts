import { describe, expect, test } from '@jest/globals';
import { alertmanagerConfig, alertmanagerConfigSpec } from '../../alerts/index.ts';
import { definition, withValues } from '../../service/definition/index.ts';
import { runTool, testWith } from './tools.ts';

const SEVERITIES: readonly (readonly [string, string])[] = [
  ['page', 'page'],
  ['ticket', 'ticket'],
  ['undeclared', 'ticket'],
];

describe.each(Object.entries(definition))('the routes of %s', (_, service) => {
  const files = { 'alertmanager.yaml': alertmanagerConfig(service) };

  testWith('amtool', 'are accepted by amtool', () => {
    const { status, output } = runTool('amtool', ['check-config', 'alertmanager.yaml'], files);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  for (const [severity, receiver] of SEVERITIES) {
    testWith('amtool', `lead the severity ${severity} to the receiver ${receiver}`, () => {
      const labels = [`severity=${severity}`, `namespace=${service.namespace}`, 'alertname=Any'];
      const args = ['config', 'routes', 'test', '--config.file=alertmanager.yaml', `--verify.receivers=${receiver}`];
      const { status, output } = runTool('amtool', [...args, ...labels], files);
      expect(output.split('\n')[0]).toBe(receiver);
      expect(status).toBe(0);
    });
  }

  test('go to the URL of the definition and tell when an alert is over', () => {
    expect(JSON.stringify(files).split(`"url":"${service.monitoring.receiver}","send_resolved":true`)).toHaveLength(3);
  });

  test('are the same for the operator and for a plain Alertmanager', () => {
    expect(inSnakeCase(alertmanagerConfigSpec(service))).toEqual(withMatcherObjects(alertmanagerConfig(service)));
  });
});

test('each severity is told when the definition says, in units that Alertmanager reads', () => {
  const changed = withValues(definition.prod, [
    'monitoring.notifications.page.groupWait=0s',
    'monitoring.notifications.ticket.repeatInterval=1.5h',
  ]);
  expect(alertmanagerConfig(changed)).toMatchObject({
    route: {
      routes: [
        { receiver: 'page', group_wait: '0s', group_interval: '1m', repeat_interval: '1h' },
        { receiver: 'ticket', group_wait: '1m', group_interval: '10m', repeat_interval: '90m' },
      ],
    },
  });
});

function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
      inSnakeCase(inner),
    ]),
  );
}

/** The custom resource has matchers as objects, the file as text; everything else is named alike. */
function withMatcherObjects(config: object): unknown {
  return JSON.parse(
    JSON.stringify(config).replace(/"(\w+)=\\"(\w+)\\""/g, (_, name: string, value: string) =>
      JSON.stringify({ name, value, match_type: '=' }),
    ),
  ) as unknown;
}
