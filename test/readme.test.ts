import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { definition } from '../service/definition/index.ts';
import { synthesize } from '../infra/synth/index.ts';
import { applicationWelcome } from '../infra/cli/serve/welcome.ts';
import { PROJECT, runSluice } from './support/serve.ts';

const readme = readFileSync(`${PROJECT}README.md`, 'utf8');
const { scripts } = JSON.parse(readFileSync(`${PROJECT}package.json`, 'utf8')) as { scripts: Record<string, string> };
const sluiceCalls = [...readme.matchAll(/npx sluice ([a-z]+)([^`\n|]*)/g)].map(([, command = '', rest = '']) => ({
  command,
  rest,
}));

describe('the README', () => {
  test('starts with the two commands that it promises', () => {
    const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text?.trim());
    expect(blocks.slice(0, 2)).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  test('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm (?:run )?(start|test|[a-z]+:[a-z]+|(?<=run )[a-z]+)/g)].map(
      ([, name = '']) => name,
    );
    expect(named).toContain('bench');
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  test('links only to files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(3);
    for (const path of links) expect([path, existsSync(PROJECT + path)]).toEqual([path, true]);
  });

  test.each([...new Set(sluiceCalls.map(({ command }) => command))])(
    'calls `sluice %s` with flags that it has',
    (command) => {
      const help = runSluice([command, '--help']);
      expect(help.code).toBe(0);
      for (const call of sluiceCalls.filter((candidate) => candidate.command === command)) {
        for (const [flag] of call.rest.matchAll(/--[a-z-]+/g))
          if (flag !== '--help') expect(help.stdout).toContain(flag);
      }
    },
  );

  test('shows the greeting of `npm start` as it is', () => {
    const greeting = applicationWelcome({
      service: definition.dev,
      port: 8080,
      opsPort: 9464,
      objects: synthesize(definition.dev).manifests.length,
      demo: undefined,
    });
    const [first = '', second = ''] = greeting.trim().split('\n');
    expect(readme).toContain(first);
    expect(readme).toContain(second);
  });

  test('shows the finding of its example as `sluice check` prints it', () => {
    const { code, stdout } = runSluice(['check', '--env', 'prod', '--set', 'datastores.postgres.maxConnections=20'], {
      NO_COLOR: '1',
    });
    expect(code).toBe(1);
    expect(readme).toContain(stdout.trim());
  });

  test('names every variable that the gateway reads', () => {
    const config = readFileSync(`${PROJECT}service/config.ts`, 'utf8');
    const variables = [...config.matchAll(/(?:text|choice|whole|url|origin)\('([A-Z_]+)'/g)].map(
      ([, name = '']) => name,
    );
    expect(variables.length).toBeGreaterThan(10);
    for (const name of variables.filter((candidate) => candidate !== 'SLUICE_COMMIT'))
      expect(readme).toContain(`\`${name}`);
  });
});
