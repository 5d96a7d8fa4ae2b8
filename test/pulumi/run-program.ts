import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import { startEngine, type OtherStacks, type Provision, type Seen } from './engine.ts';
import { STACK_TYPE, type Registration } from './registration.ts';

/** Pulumi.yaml, as far as it decides how the program runs. */
export type Project = {
  readonly name: string;
  readonly main: string;
  readonly runtime: { readonly options: { readonly typescript: boolean } };
  readonly config: Readonly<Record<string, { readonly secret?: boolean }>>;
};

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RUNNER = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run/index.js');
const DEADLINE_MS = 120_000;

/** The commit that a program is told; what git says may change between a test and what it runs. */
export const COMMIT = 'aaaaaaa';

/** What a stack is run with. */
export type RunOptions = {
  readonly stack: string;
  /** The stack's configuration without the project's name. */
  readonly config?: Readonly<Record<string, string>>;
  /** The part that is marked as secret. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: nothing is made, and a resource's state is what was registered. */
  readonly provision?: Provision;
  /** What other stacks have as outputs; default: there are none. */
  readonly otherStacks?: OtherStacks;
  /** Variables of the environment beside those that Pulumi sets. */
  readonly variables?: NodeJS.ProcessEnv;
  /** Whether nothing is to be changed; default: no. */
  readonly isPreview?: boolean;
  /** Folder of the project's Pulumi.yaml; default: that of the service program. */
  readonly folder?: string;
};

/** What a run left behind. */
export type Run = Omit<Seen, 'logs' | 'registrations'> & {
  /** In the order of arrival, without the stack itself. */
  readonly resources: readonly Registration[];
  readonly exitCode: number;
  /** What Pulumi would print as errors, without colours. */
  readonly errors: readonly string[];
  /** Warnings, in the same form. */
  readonly warnings: readonly string[];
};

/** Runs a project's own program as the Pulumi CLI does: by Pulumi's Node runner, as Pulumi.yaml says. */
export async function runProgram({
  stack,
  config = {},
  secrets = {},
  provision = echo,
  otherStacks = {},
  variables = {},
  isPreview = false,
  folder = ROOT,
}: RunOptions): Promise<Run> {
  const project = readProject(folder);
  const program = join(folder, project.main);
  const engine = await startEngine({ project: project.name, stack, provision, otherStacks });
  const qualified = Object.entries({ ...config, ...secrets }).map(([key, value]) => [`${project.name}:${key}`, value]);
  const environment = {
    SLUICE_COMMIT: COMMIT,
    ...variables,
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(qualified)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(Object.keys(secrets).map((key) => `${project.name}:${key}`)),
    PULUMI_NODEJS_TYPESCRIPT: String(project.runtime.options.typescript),
  };
  const options = Object.entries({
    monitor: engine.address,
    engine: engine.address,
    organization: 'organization',
    project: project.name,
    'root-directory': folder,
    stack,
    pwd: dirname(program),
    parallel: '16',
  }).flatMap(([flag, value]) => [`--${flag}`, value]);
  try {
    const exitCode = await exitOf(
      [RUNNER, ...options, ...(isPreview ? ['--dry-run=true'] : []), basename(program)],
      environment,
    );
    const { logs, registrations, ...seen } = engine.seen;
    const resources = registrations.filter(({ type }) => type !== STACK_TYPE);
    const told = (severity: string) =>
      logs.filter((log) => log.severity === severity).map(({ message }) => stripVTControlCharacters(message));
    return { ...seen, resources, exitCode, errors: told('error'), warnings: told('warning') };
  } finally {
    engine.close();
  }
}

/** The Pulumi.yaml of a folder; default: that of the service program. */
export function readProject(folder = ROOT): Project {
  return parse(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8')) as Project;
}

const echo: Provision = ({ values }) => Promise.resolve(values);

function exitOf(parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, parameters, { env, timeout: DEADLINE_MS }, (error) => {
      if (!error) resolve(0);
      else if (typeof error.code === 'number') resolve(error.code);
      else reject(new Error("Pulumi's runner did not end", { cause: error }));
    });
  });
}
