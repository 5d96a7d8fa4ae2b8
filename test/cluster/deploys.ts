import type { ClusterOptions, DeployOptions } from '../../infra/cli/deploy/options.ts';
import { automationDeployer } from '../../infra/pulumi/automation.ts';
import { COMMIT } from '../pulumi/run-program.ts';
import { standInForPulumi, type StandIn } from '../pulumi/stand-in/start.ts';
import { recordingDesk, type RecordingDesk } from '../support/desk.ts';

/** How a command ended, and what it told. */
export type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** What happens beside a run. */
export type Beside = {
  /** What a person answers; absent: nobody is asked. */
  readonly answer?: string;
  /** Called with each line of progress. */
  readonly onProgress?: (line: string, desk: RecordingDesk) => void;
};

type Command = (options: DeployOptions, desk: RecordingDesk) => Promise<number>;

/** Runs of the commands that deploy, with a stand-in for the Pulumi program and its state. */
export class Deploys {
  readonly pulumi: StandIn;
  private readonly desks: RecordingDesk[] = [];

  private constructor(pulumi: StandIn) {
    this.pulumi = pulumi;
  }

  /** Starts with stacks that have deployed nothing. */
  static async start(...stacks: readonly ClusterOptions['env'][]): Promise<Deploys> {
    // Both sides of a deploy are told it: what git says may change between them.
    process.env.SLUICE_COMMIT = COMMIT;
    const pulumi = await standInForPulumi({ onCluster: true });
    for (const stack of stacks) pulumi.init(stack);
    return new Deploys(pulumi);
  }

  /** Runs a command, without questions unless there is an answer. Rejects as it does. */
  async run(command: Command, options: DeployOptions, { answer, onProgress }: Beside = {}): Promise<Ended> {
    const desk: RecordingDesk = recordingDesk({
      deployer: () => Promise.resolve(automationDeployer(this.pulumi.command)),
      answer,
      onErr: (text) => onProgress?.(text, desk),
    });
    this.desks.push(desk);
    const code = await command({ yes: answer === undefined, ...options }, desk);
    return { code, ...desk.told };
  }

  /** Whatever any run told. */
  everything(): string {
    return this.desks.map(({ told }) => told.out + told.err).join('');
  }

  remove(): void {
    delete process.env.SLUICE_COMMIT;
    this.pulumi.remove();
  }
}
