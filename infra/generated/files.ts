import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runbook } from '../../alerts/index.ts';
import { definition } from '../../service/definition/index.ts';
import { composeFile } from './compose.ts';
import { invariantsPage } from './invariants-page.ts';
import { withTables } from './tables.ts';

/** Folder of the project. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** Committed files that follow from the code, by path: what each must hold. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['compose.yaml', composeFile()],
    ['alerts/RUNBOOK.md', runbook(definition.prod)],
    ['docs/invariants.md', invariantsPage()],
    ...['README.md', 'docs/gateway.md', 'docs/network.md'].map((file): [string, string] => [
      file,
      withTables(readFileSync(`${PROJECT}${file}`, 'utf8')),
    ]),
  ]);
}
