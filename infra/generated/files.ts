import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runbook } from '../../alerts/index.ts';
import { reportSchema } from '../../chaos/report/index.ts';
import { definition } from '../../service/definition/index.ts';
import { completedHashes, readHashes } from '../../service/store/schema/hashes.ts';
import { readStepFiles } from '../../service/store/schema/step-files.ts';
import { kindCluster } from '../pulumi/platform/kind-cluster.ts';
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
    ['infra/pulumi/platform/kind.yaml', kindCluster()],
    ['docs/drill-report.schema.json', `${JSON.stringify(reportSchema(), undefined, 2)}\n`],
    [
      'service/store/schema/hashes.json',
      `${JSON.stringify(completedHashes(readHashes(), readStepFiles()), undefined, 2)}\n`,
    ],
    ...[
      'README.md',
      'docs/ai.md',
      'docs/alerts.md',
      'docs/drills.md',
      'docs/gateway.md',
      'docs/metrics.md',
      'docs/migrations.md',
      'docs/monitoring.md',
      'docs/network.md',
      'docs/platform.md',
      'docs/releases.md',
    ].map((file): [string, string] => [file, withTables(readFileSync(`${PROJECT}${file}`, 'utf8'))]),
  ]);
}
