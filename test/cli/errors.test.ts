import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasStack, inChangedProject, inFolder, sluice } from './sluice.ts';

const DEFINITION = 'service/definition/service.ts';

test.each(['check', 'synth'])('%s tells every error of a wrong definition at once', (command) => {
  const change = (text: string): string =>
    text
      .replace("requestTimeout: '60s'", "requestTimeout: '60 seconds'")
      .replace('maxConnections: 120', 'maxConections: 120')
      .replace("evictionPolicy: 'noeviction'", "evictionPolicy: 'lru'");
  inChangedProject(DEFINITION, change, (project) => {
    inFolder((cwd) => {
      const run = sluice([command], { project, cwd });
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toMatch(/^error: The definition has 4 wrong values:\n/);
      expect(run.stderr).toContain(`gateway.requestTimeout: is "60 seconds", must be a duration with its unit`);
      expect(run.stderr).toContain('datastores.postgres.maxConections: is 120, must be a known field');
      expect(run.stderr).toContain('datastores.postgres.maxConnections: is missing');
      expect(run.stderr).toContain(`stores.redis.state.evictionPolicy: is "lru", must be 'noeviction'`);
      expect(hasStack(run)).toBe(false);
      expect(readdirSync(cwd)).toEqual([]);
    });
  });
});

test('an unexpected error is one line; SLUICE_DEBUG adds where it comes from', () => {
  const change = (text: string): string => `${text}\nnull.unexpected;\n`;
  inChangedProject(DEFINITION, change, (project) => {
    const run = sluice(['check'], { project });
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(
      /^error: unexpected: Cannot read properties of null.* \(SLUICE_DEBUG=1 shows where\)\n$/,
    );
    expect(hasStack(run)).toBe(false);
    expect(hasStack(sluice(['check'], { project, env: { SLUICE_DEBUG: '1' } }))).toBe(true);
  });
});

test('an old Node gets one sentence: what is needed and how to get it', () => {
  const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})";
  const run = sluice(['check'], { nodeArgs: ['--import', old] });
  expect(run).toMatchObject({ code: 69, stdout: '' });
  expect(run.stderr).toMatch(/^error: Sluice needs Node 24 or newer, and this is Node 20\.20\.2\. Run 'npm ci' .*\n$/);
});

test('a reader that stops reading is no error', async () => {
  const file = fileURLToPath(new URL('../../infra/cli/sluice.js', import.meta.url));
  const child = spawn(process.execPath, [file, 'check', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  expect(child.stderr.read()).toBeNull();
});
