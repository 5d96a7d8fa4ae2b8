import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { PASSWORDS } from '../../support/passwords.ts';
import type { Settings } from './settings.ts';

/** One call of the stand-in. */
export type Call = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly SLUICE_SET?: string;
  readonly SLUICE_FOLLOWED?: string;
  readonly KUBECONFIG?: string;
};

/** A folder that holds a stand-in for Pulumi with its state. */
export type StandIn = {
  readonly command: PulumiCommand;
  /** Its folder, as one that Pulumi was fetched to. */
  readonly root: string;
  readonly calls: () => readonly Call[];
  /** Makes a stack, as `pulumi stack init` does. */
  readonly init: (stack: string) => void;
  readonly set: (settings: Partial<Settings>) => void;
  readonly remove: () => void;
};

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const DEFAULTS: Settings = {
  config: {},
  secrets: PASSWORDS,
  onCluster: false,
};

/** Puts a program `pulumi` into a folder of its own. */
export async function standInForPulumi(given: Partial<Settings> = {}): Promise<StandIn> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-pulumi-'));
  let settings = { ...DEFAULTS, ...given };
  const write = (): void => writeFileSync(join(root, 'settings.json'), JSON.stringify(settings));
  write();
  const program = join(root, 'bin', 'pulumi');
  mkdirSync(join(root, 'bin'));
  writeFileSync(program, `#!/bin/sh\nSTAND_IN_FOLDER='${root}' exec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(program, 0o755);
  const log = join(root, 'calls.jsonl');
  return {
    command: await PulumiCommand.get({ root }),
    root,
    calls: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Call)
        : [],
    init: (stack) => writeFileSync(join(root, `${stack}.json`), '{}'),
    set(changed) {
      settings = { ...settings, ...changed };
      write();
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
