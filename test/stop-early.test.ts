import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PROJECT } from './support/serve.ts';

/** Says that the program is being loaded, and holds that up until there is no more input. */
const HOLDING = `
  import { readFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      if (url.endsWith('/program.ts')) {
        process.stderr.write('loading');
        readFileSync(0);
      }
      return next(url, context);
    },
  });`;
/** The process that it starts is the first of its namespace, as that of a container is. */
const AS_FIRST = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'];
const mayBeFirst = spawnSync('unshare', [...AS_FIRST.slice(1), 'true']).status === 0;
const ENDED = { code: 0, stdout: '', stderr: 'loading' };

describe.each(['service/main.ts', 'service/upstream/main.ts', 'alerts/rollback/main.ts'])('%s', (main) => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('begins nothing where %s comes while it is loaded', async (signal) => {
    const { child, loading, end } = load([]);
    await loading;

    child.kill(signal);
    child.stdin.end();

    expect(await end).toEqual(ENDED);
  });

  // Skipped where this user may make no namespace of processes.
  (mayBeFirst ? test : test.skip)('hears SIGTERM as the first process of a container', async () => {
    const { child, loading, end } = load(AS_FIRST);
    await loading;

    process.kill(childOf(child), 'SIGTERM');
    child.stdin.end();

    expect(await end).toEqual(ENDED);
  });

  function load(before: readonly string[]) {
    const holding = `data:text/javascript,${encodeURIComponent(HOLDING)}`;
    const [command, ...words] = [...before, process.execPath, '--import', holding, main];
    const env = { PATH: process.env.PATH, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const child = spawn(command, words, { cwd: PROJECT, env, stdio: 'pipe' });
    children.push(child);
    const loading = once(child.stderr, 'data');
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const end = Promise.all([once(child, 'exit'), said]).then(([[code], [stdout, stderr]]) => {
      return { code: code as number | null, stdout, stderr };
    });
    return { child, loading, end };
  }
});

function childOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}
