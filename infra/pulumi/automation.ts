import { delimiter, dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  CommandError,
  ConcurrentUpdateError,
  LocalWorkspace,
  StackNotFoundError,
  type EngineEvent,
  type PulumiCommand,
  type Stack,
} from '@pulumi/pulumi/automation/index.js';
import { DeployError, type Deployer, type DeployRun, type Plan } from './deployer.ts';
import { deployEventOf, planOf } from './engine-events.ts';
import { toVariables } from './run-variables.ts';
import { PROJECT_FOLDER } from './stack-file.ts';

/** How one operation of Pulumi is called. */
type Operation = {
  readonly onEvent: (event: EngineEvent) => void;
  readonly color: 'never';
  readonly signal?: AbortSignal;
};

type Call = (stack: Stack, operation: Operation) => Promise<unknown>;

/**
 * Deploys with the Pulumi CLI, by its Automation API, in the folder of Pulumi.yaml: the same program, stacks and state
 * as plain `pulumi up` there.
 */
export function automationDeployer(pulumiCommand: PulumiCommand, workDir: string = PROJECT_FOLDER): Deployer {
  async function run(deploy: DeployRun, call: Call): Promise<readonly EngineEvent[]> {
    const events: EngineEvent[] = [];
    const errors: string[] = [];
    const onEvent = (event: EngineEvent): void => {
      events.push(event);
      const told = deployEventOf(event);
      if (told?.type === 'message' && told.severity === 'error') errors.push(told.text);
      else if (told) deploy.onEvent(told);
    };
    try {
      const envVars = variablesOf(deploy);
      const stack = await LocalWorkspace.selectStack(
        { stackName: deploy.environment, workDir },
        { pulumiCommand, envVars },
      );
      await call(stack, { onEvent, color: 'never', ...(deploy.stop && { signal: deploy.stop }) });
      return events;
    } catch (error) {
      throw explained(error, errors, deploy.environment);
    }
  }
  const preview = async (deploy: DeployRun, call: Call): Promise<Plan> => planOf(await run(deploy, call));
  const change = async (deploy: DeployRun, call: Call): Promise<void> => {
    await run(deploy, call);
  };
  return {
    preview: (deploy) => preview(deploy, (stack, operation) => stack.preview({ ...operation, ...refreshOf(deploy) })),
    previewDestroy: (deploy) => preview(deploy, (stack, operation) => stack.previewDestroy(operation)),
    up: (deploy) => change(deploy, (stack, operation) => stack.up({ ...operation, ...refreshOf(deploy) })),
    refresh: (deploy) => change(deploy, (stack, operation) => stack.refresh(operation)),
    destroy: (deploy) => change(deploy, (stack, operation) => stack.destroy(operation)),
    async output(stackName, name) {
      try {
        const workspace = await LocalWorkspace.create({ workDir, pulumiCommand });
        return (await workspace.stackOutputs(stackName))[name]?.value as unknown;
      } catch (error) {
        throw explained(error, [], stackName);
      }
    },
  };
}

function refreshOf({ refresh }: DeployRun): { readonly refresh?: true } {
  return refresh ? { refresh } : {};
}

function variablesOf({ set, kubeconfig }: DeployRun): Record<string, string> {
  // Pulumi starts the program with the `node` that it finds first; it has to be the one that runs this.
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  return {
    ...toVariables({ set, isFollowed: true }),
    ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }),
    PATH: path,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
}

/** As many lines of what Pulumi wrote tell what is wrong; it can be all of a long run. */
const LINES_TOLD = 20;

/** What Pulumi says when something about it is not set up, and what to do then. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /PULUMI_ACCESS_TOKEN|pulumi login/,
    'Pulumi does not know where to keep its state; say it once with: pulumi login (or pulumi login --local)',
  ],
  [
    /PULUMI_CONFIG_PASSPHRASE|incorrect passphrase/,
    'the secrets of the stack cannot be read; set PULUMI_CONFIG_PASSPHRASE to the passphrase that it was made with',
  ],
  [
    /no resource plugin|plugin .*(not|could not).*(installed|found)/i,
    'Pulumi lacks the Kubernetes provider; get it with: pulumi plugin install resource kubernetes',
  ],
];

function explained(error: unknown, errors: readonly string[], stack: string): unknown {
  if (error instanceof StackNotFoundError) return new DeployError(firstSteps(stack), { cause: error });
  if (error instanceof ConcurrentUpdateError) {
    const message = `somebody else is changing the stack '${stack}'; wait, or, when nobody is: pulumi cancel --stack ${stack}`;
    return new DeployError(message, { cause: error });
  }
  if (!(error instanceof CommandError)) return error;
  const text = error.message;
  const hint = HINTS.find(([pattern]) => pattern.test(text))?.[1];
  if (hint !== undefined) return new DeployError(hint, { cause: error });
  const reasons = [...new Set(errors)];
  return new DeployError(reasons.length > 0 ? reasons.join('\n') : saidBy(text), { cause: error });
}

function firstSteps(stack: string): string {
  return (
    `the stack '${stack}' does not exist yet; make it once with: pulumi stack init ${stack}\n` +
    '  then run this again; it names each secret that is to be set'
  );
}

/** The lines in which a command told its error, else the last that it wrote. */
function saidBy(text: string): string {
  const said = stripVTControlCharacters(text).trim().split('\n');
  const errors = new Set(said.flatMap((line) => /^\s*(?:stderr: )?error: (.+)$/.exec(line)?.[1] ?? []));
  return `pulumi: ${errors.size > 0 ? [...errors].slice(0, LINES_TOLD).join('; ') : said.slice(-LINES_TOLD).join('\n')}`;
}
