import { expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasStack, inFolder, sluice } from './sluice.ts';

const env = { SLUICE_COMMIT: '8c1f1af' };
const BROKEN = ['--set', 'gateway.keepAlive=30s'];

test('synth writes a folder for each environment below dist and says what it wrote', () => {
  inFolder((cwd) => {
    const run = sluice(['synth'], { cwd, env });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^dist\/dev: \d+ files, \d+ Kubernetes objects.*\ndist\/staging: .*\ndist\/prod: .*\n/);
    expect(run.stdout).toMatch(/^dev is without kubelet: no alerts VolumeFills; no panels .*volumes$/m);
    expect(readdirSync(join(cwd, 'dist')).filter((name) => !name.startsWith('.'))).toEqual(['dev', 'prod', 'staging']);
    expect(readFileSync(join(cwd, 'dist/prod/manifests/gateway.yaml'), 'utf8')).toContain('-8c1f1af');
  });
});

test('--set changes what is written, --env and --out where', () => {
  inFolder((cwd) => {
    const run = sluice(['synth', '--env', 'prod', '--out', 'a/b', '--set', 'scaling.max=5'], { cwd, env });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/^a\/b\/prod: /) });
    expect(readFileSync(join(cwd, 'a/b/prod/manifests/gateway.yaml'), 'utf8')).toContain('maxReplicas: 5');
  });
});

test('a failing check is told, and nothing is written', () => {
  inFolder((cwd) => {
    const run = sluice(['synth', ...BROKEN], { cwd, env });
    expect(run.code).toBe(1);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(
      /^error: 3 checks failed, so nothing was synthesized\n\nidle-ladder \(dev, staging, prod\)/,
    );
    expect(run.stderr).toContain('60s balancer.idleTimeout ≥ 30s gateway.keepAlive');
    expect(run.stderr).toContain('fix: --set gateway.keepAlive=61s');
    expect(hasStack(run)).toBe(false);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test('a failing check leaves what an earlier run wrote', () => {
  inFolder((cwd) => {
    sluice(['synth', '--env', 'dev'], { cwd, env });
    const before = contents(cwd);
    expect(sluice(['synth', '--env', 'dev', ...BROKEN], { cwd, env }).code).toBe(1);
    expect(contents(cwd)).toEqual(before);
    expect(before.size).toBeGreaterThan(1);
  });
});

test('a folder that somebody else filled is left as it is', () => {
  inFolder((cwd) => {
    mkdirSync(join(cwd, 'mine'));
    writeFileSync(join(cwd, 'mine/thesis.txt'), 'mine');
    const run = sluice(['synth', '--out', 'mine'], { cwd, env });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/^error: --out: .*mine holds what sluice did not write \(thesis\.txt\)/);
    expect(hasStack(run)).toBe(false);
    expect(contents(cwd)).toEqual(new Map([['mine/thesis.txt', 'mine']]));
  });
});

test.each([
  ['file', 2, /^error: --out: .*file is a file; name a folder to write to\n$/],
  ['file/below', 1, /^error: .*file.*; a file stands where a folder is needed; choose another path\n$/],
])('--out %s, where a file stands, is refused', (out, code, message) => {
  inFolder((cwd) => {
    writeFileSync(join(cwd, 'file'), 'mine');
    const run = sluice(['synth', '--env', 'dev', '--out', out], { cwd, env });
    expect(run).toEqual({ code, stdout: '', stderr: expect.stringMatching(message) });
    expect(contents(cwd)).toEqual(new Map([['file', 'mine']]));
  });
});

test('a SLUICE_COMMIT that is no commit is refused', () => {
  inFolder((cwd) => {
    const run = sluice(['synth'], { cwd, env: { SLUICE_COMMIT: 'latest' } });
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*SLUICE_COMMIT is 'latest'/),
    });
    expect(readdirSync(cwd)).toEqual([]);
  });
});

/** Texts of all files below a folder, by path. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(folder.length + 1), readFileSync(file, 'utf8')]),
  );
}
