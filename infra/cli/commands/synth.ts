import { join } from 'node:path';
import { Command } from 'commander';
import { checkedSyntheses } from '../../checked-synthesis.ts';
import { dropped, formatDropped } from '../../dropped.ts';
import { findCommit, writeSyntheses, type Synthesis } from '../../synth/index.ts';
import { asUsage } from '../errors.ts';
import { selectServices, withEnvironmentOptions, type EnvironmentOptions } from '../environments.ts';

type Options = EnvironmentOptions & { readonly out: string };

/** `sluice synth`: the files of every environment, once their checks pass. */
export function synthCommand(): Command {
  return withEnvironmentOptions(new Command('synth'))
    .description('derive manifests, rules, dashboards and drills, one folder for each environment')
    .option('--out <folder>', 'where to write', 'dist')
    .addHelpText(
      'after',
      `
Nothing is written when a check fails. The image is named by version and commit: SLUICE_COMMIT, else what git says.

Examples:
  $ sluice synth
  $ sluice synth --env prod --out build/manifests`,
    )
    .action(({ out, ...options }: Options) => {
      const commit = asUsage('environment', () => findCommit());
      const services = selectServices(options);
      const syntheses = checkedSyntheses(services, commit);
      asUsage('--out', () => writeSyntheses(syntheses, out));
      for (const synthesis of syntheses) process.stdout.write(`${summary(synthesis, out)}\n`);
      for (const service of services)
        for (const gone of dropped(service))
          process.stdout.write(`${service.environment} is ${formatDropped(gone, service)}\n`);
    });
}

function summary({ environment, files, manifests, chaos }: Synthesis, out: string): string {
  const drills = chaos.length > 0 ? ` and ${chaos.length} for drills` : '';
  return `${join(out, environment)}: ${files.size} files, ${manifests.length} Kubernetes objects${drills}`;
}
