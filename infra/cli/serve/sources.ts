import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { watch } from 'node:fs';
import { PROJECT, type Running } from './child.ts';

/** Editors write a file in several steps; a change counts once it has been quiet for so long. */
const QUIET_MS = 200;

/**
 * Calls `restart` after each change of the service's code, once the changed definition passes its checks; when it does
 * not, what runs goes on running.
 */
export function onSourceChange(restart: () => Promise<void>): Running {
  let timer: NodeJS.Timeout | undefined;
  let restarting: Promise<void> = Promise.resolve();
  const changed = (): void => {
    const { status } = spawnSync(process.execPath, ['infra/cli/sluice.js', 'synth', '--env', 'dev'], {
      cwd: PROJECT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) {
      process.stderr.write('the change is not served: the check above failed\n');
      return;
    }
    restarting = restarting.then(restart);
  };
  const watcher = watch(join(PROJECT, 'service'), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS);
  });
  return {
    async stop() {
      watcher.close();
      clearTimeout(timer);
      await restarting;
    },
  };
}
