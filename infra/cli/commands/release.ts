import { Command, Option } from 'commander';
import { processDesk, type Desk } from '../deploy/desk.ts';
import { withDocument } from '../deploy/documents.ts';
import { withClusterChoice, withClusterOptions, withConfirmation, type ClusterOptions } from '../deploy/options.ts';
import { environmentOption } from '../environments.ts';
import { allow, type AllowOptions } from '../release/allow.ts';
import { explain } from '../release/explain.ts';
import { EFFECT, freeze, unfreeze, type FreezeOptions } from '../release/freeze.ts';
import { history } from '../release/history.ts';
import { parseEnd, parseHash, parseLength, parseReleaseId, reasonOption } from '../release/options.ts';
import { quarantine, type QuarantineOptions } from '../release/quarantine.ts';
import { rollback, type RollbackOptions } from '../release/rollback.ts';
import { status, type StatusOptions } from '../release/status.ts';

type Help = readonly [note: string, ...examples: string[]];

const HELP = `
The release guard watches each new release and goes back from a bad one by itself. These commands tell what it sees and
did, and order it. They need the cluster of the environment, and no Pulumi. Without --json a table or lines for people.
Exit codes: 0 done, 1 the guard is blind, a rollback failed or a decision differs, 2 wrong usage, 69 no cluster or guard.

Examples:
  $ sluice release status --env prod
  $ sluice release explain --env prod
  $ sluice release rollback --env prod --reason 'orders are lost'
  $ sluice release freeze --env prod --for 2h --reason 'the database is being moved'`;

/** `sluice release`: what the release guard sees, did and is told. */
export function releaseCommand(): Command {
  const command = new Command('release')
    .description('tell what the release guard sees and did, go back, quarantine, allow, freeze')
    .addHelpText('after', HELP);
  for (const make of [
    statusCommand,
    historyCommand,
    explainCommand,
    rollbackCommand,
    quarantineCommand,
    allowCommand,
    freezeCommand,
    unfreezeCommand,
  ]) {
    command.addCommand(make());
  }
  return command;
}

function statusCommand(): Command {
  const command = new Command('status')
    .description('tell what is wrong with the guard, then where it is with the release that runs')
    .addOption(environmentOption('one environment (default: each that runs on the cluster)'));
  return withHelp(withClusterChoice(command), [
    'Ends with 1 when nobody leads the guard, or when it cannot see: a bad release would stay.',
    '$ sluice release status',
    '$ sluice release status --env prod --json',
  ]).action((options: StatusOptions) => run(options, (desk) => status(options, desk)));
}

function historyCommand(): Command {
  return clusterCommand('history', 'list what became of each release, the newest first; with a record, tell it whole', [
    'A record is named by its own id, or the newest of a release by its hash or id.',
    '$ sluice release history --env prod',
    '$ sluice release history 7d9c8b6f5-1790000000000 --env prod',
  ])
    .argument('[record]', 'which record', parseReleaseId)
    .action((id: string | undefined, options: ClusterOptions) => run(options, (desk) => history(id, options, desk)));
}

function explainCommand(): Command {
  return clusterCommand('explain', 'decide again from what a record holds, and tell each rule', [
    'Without a record the newest. Ends with 1 when another answer comes of it than was recorded.',
    '$ sluice release explain --env prod',
  ])
    .argument('[record]', 'which record', parseReleaseId)
    .action((id: string | undefined, options: ClusterOptions) => run(options, (desk) => explain(id, options, desk)));
}

function rollbackCommand(): Command {
  const command = clusterCommand('rollback', 'order the guard to go back, and follow it to the end', [
    'Goes to the newest proven release, or to the one that --to names, and quarantines what it leaves. Where nobody leads\nthe guard it tells the kubectl commands that do the same. Ctrl-C leaves the order with the guard.',
    "$ sluice release rollback --env prod --reason 'orders are lost'",
    "$ sluice release rollback --env prod --to 7d9c8b6f5 --reason 'orders are lost' --yes",
  ]).option('--to <hash>', 'the pod-template-hash to go back to, or its start', parseHash);
  return withConfirmation(command.addOption(reasonOption().makeOptionMandatory())).action((options: RollbackOptions) =>
    run(options, (desk) => rollback(options, desk)),
  );
}

function quarantineCommand(): Command {
  return clusterCommand(
    'quarantine',
    'list the releases that nobody may deploy, add one, or write the list to a file',
    [
      "--export writes quarantine.ENV.json at the repository root, by which 'sluice up' and 'pulumi up' refuse as well, also\nwithout a cluster; the file may be committed.",
      '$ sluice release quarantine --env prod',
      "$ sluice release quarantine 8c1f8c1f8c1f-0123456789 --env prod --reason 'orders are lost'",
      '$ sluice release quarantine --env prod --export',
    ],
  )
    .argument('[release]', 'id of a release, or its pod-template-hash', parseReleaseId)
    .addOption(reasonOption())
    .option('--export [file]', 'write the list to a file')
    .action((id: string | undefined, options: QuarantineOptions) =>
      run(options, (desk) => quarantine(id, options, desk)),
    );
}

function allowCommand(): Command {
  return clusterCommand('allow', 'take a release off the list of those that nobody may deploy', [
    "On the cluster, and in quarantine.ENV.json where that names it. The guard judges the release anew when it is deployed,\nand moves no release twice by itself: one that was rolled back before pages when it is bad again.\n'sluice up' of the same definition brings it back; by Pulumi alone that is 'pulumi up --refresh'.",
    "$ sluice release allow 8c1f8c1f8c1f-0123456789 --env prod --reason 'the queue was the cause'",
  ])
    .argument('<release>', 'its id', parseReleaseId)
    .addOption(reasonOption().makeOptionMandatory())
    .action((id: string, options: AllowOptions) => run(options, (desk) => allow(id, options, desk)));
}

function freezeCommand(): Command {
  return clusterCommand(
    'freeze',
    'keep the guard from moving anything by itself, and sluice up and pulumi up from deploying',
    [
      `Until its end ${EFFECT}. It holds no Argo CD, Flux\nor kubectl, and a person's 'sluice release rollback' goes through.`,
      "$ sluice release freeze --env prod --for 2h --reason 'the database is being moved'",
      "$ sluice release freeze --env prod --until 2027-01-02T06:00Z --reason 'sale'",
    ],
  )
    .addOption(new Option('--for <duration>', 'how long, such as 2h').argParser(parseLength).conflicts('until'))
    .addOption(new Option('--until <time>', 'until when, such as 2027-01-02T06:00Z').argParser(parseEnd))
    .addOption(reasonOption().makeOptionMandatory())
    .action((options: FreezeOptions) => run(options, (desk) => freeze(options, desk)));
}

function unfreezeCommand(): Command {
  return clusterCommand('unfreeze', 'end a freeze', ['', '$ sluice release unfreeze --env prod']).action(
    (options: ClusterOptions) => run(options, (desk) => unfreeze(options, desk)),
  );
}

/** A command with the options of those that look at the cluster of one environment. */
function clusterCommand(name: string, description: string, help: Help): Command {
  return withHelp(withClusterOptions(new Command(name)).description(description), help);
}

/** Adds a note, where there is one, and examples. */
function withHelp(command: Command, [note, ...examples]: Help): Command {
  const lines = examples.map((example) => `  ${example}`).join('\n');
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText(
    'after',
    `${note === '' ? '' : `\n${note}`}\n\n${title}:\n${lines}`.replace(/^\n\n/, '\n'),
  );
}

async function run(options: StatusOptions, command: (desk: Desk) => Promise<number>): Promise<void> {
  const desk = processDesk();
  process.exitCode = await withDocument(options, desk, () => command(desk));
}
