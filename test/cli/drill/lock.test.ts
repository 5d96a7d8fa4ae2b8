import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockOwner, takeLock } from '../../../infra/cli/drill/lock.ts';
import { PROJECT } from '../../support/serve.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'lock.json');

test('a second drill is refused with the process of the first, until that gives its lock back', () => {
  const release = takeLock(folder);
  expect(lockOwner(folder)?.pid).toBe(process.pid);
  expect(() => takeLock(folder)).toThrow(`process ${process.pid} drills already in this project`);
  release();
  expect(existsSync(file())).toBe(false);
  takeLock(folder)();
});

test('the lock of a process that was killed is taken over', async () => {
  const source = `
    const { takeLock } = await import('./infra/cli/drill/lock.ts');
    takeLock(${JSON.stringify(folder)});
    console.log('taken');
    setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  expect(() => takeLock(folder)).toThrow(`process ${owner.pid} drills already`);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  takeLock(folder);
  expect(lockOwner(folder)?.pid).toBe(process.pid);
});

test.each(['', '{', 'null', '{"pid":"1"}'])('a lock that nobody can read is taken over: %j', (text) => {
  writeFileSync(file(), text);
  takeLock(folder);
  expect(lockOwner(folder)?.pid).toBe(process.pid);
});

test('another process that has the number of a dead owner by now is not taken for it', () => {
  takeLock(folder);
  const own = JSON.parse(readFileSync(file(), 'utf8')) as { readonly pid: number };
  writeFileSync(file(), JSON.stringify({ ...own, startedAt: 'long ago' }));
  expect(() => takeLock(folder)).not.toThrow();
});
