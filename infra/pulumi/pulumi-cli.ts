import { homedir } from 'node:os';
import { join } from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { version } from '@pulumi/pulumi/version.js';

/** There is no Pulumi to deploy with; the message says how to get one. */
export class PulumiMissingError extends Error {
  override readonly name = 'PulumiMissingError';
}

/** What finds and fetches the Pulumi CLI. */
export type PulumiSource = {
  readonly get: (options?: { readonly root?: string }) => Promise<PulumiCommand>;
  readonly install: (options?: { readonly root?: string }) => Promise<PulumiCommand>;
};

type Options = {
  /** Whether to fetch Pulumi where it is missing. */
  readonly install?: boolean;
  /** Where it is fetched to. Default: `~/.pulumi/versions/V`, of the version that the project has of Pulumi. */
  readonly root?: string;
  readonly onProgress: (line: string) => void;
  readonly source?: PulumiSource;
};

const HOW_TO_GET_IT =
  'add --install-cli to fetch it into ~/.pulumi, or get it from https://www.pulumi.com/docs/install/ and put it on PATH';
const FOLDER = join('.pulumi', 'versions', version);

/** The Pulumi CLI: on PATH, fetched before, or fetched now. Throws a PulumiMissingError. */
export async function requirePulumi({
  install = false,
  root = join(homedir(), FOLDER),
  onProgress,
  source = PulumiCommand,
}: Options): Promise<PulumiCommand> {
  const onPath = await attempt(() => source.get());
  if ('command' in onPath) return onPath.command;
  const fetched = await attempt(() => source.get({ root }));
  if ('command' in fetched) return fetched.command;
  if (!install) throw new PulumiMissingError(`${reasonOf(onPath.error)}; ${HOW_TO_GET_IT}`, { cause: onPath.error });
  onProgress(`fetching Pulumi into ${root}`);
  const installed = await attempt(() => source.install({ root }));
  if ('command' in installed) return installed.command;
  const reason = firstLine(installed.error);
  throw new PulumiMissingError(
    `Pulumi could not be fetched from https://get.pulumi.com (${reason}); get it from https://www.pulumi.com/docs/install/ and put it on PATH`,
    { cause: installed.error },
  );
}

type Attempt = { readonly command: PulumiCommand } | { readonly error: unknown };

async function attempt(call: () => Promise<PulumiCommand>): Promise<Attempt> {
  try {
    return { command: await call() };
  } catch (error) {
    return { error };
  }
}

/** Automation hides what went wrong in the result of a command. */
type Failed = { readonly commandResult?: { readonly err?: { readonly code?: string; readonly message?: string } } };

function reasonOf(error: unknown): string {
  const cause = (error as Failed).commandResult?.err;
  if (cause?.code === 'ENOENT') return 'the program pulumi is needed and is not on PATH';
  return `the program pulumi on PATH cannot be used (${firstLine(error)})`;
}

function firstLine(error: unknown): string {
  const { commandResult, message = String(error) } = error as Failed & { readonly message?: string };
  const [line = ''] = (commandResult?.err?.message ?? message).trim().split('\n');
  return line;
}
