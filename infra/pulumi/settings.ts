import { RunError, type Config } from '@pulumi/pulumi';
import { ENVIRONMENTS, nearest, type Definition, type EnvironmentName } from '../../service/definition/index.ts';
import { readRunValues } from './run-variables.ts';

/** What a stack decides. */
export type Settings = {
  /** The environment: the stack's name. */
  readonly environment: EnvironmentName;
  /** Values of the definition that this stack, and after it this run, replaces, each as `path=value`. */
  readonly values: readonly string[];
};

/** Reads a stack's configuration. Throws a RunError when the stack is no environment, or when `set` is no list. */
export function readSettings(stack: string, config: Config): Settings {
  const environment = requireEnvironment(stack);
  const digest = config.get('imageDigest');
  return {
    environment,
    values: [
      ...readList(config, 'set'),
      ...(digest === undefined ? [] : [`image.digest=${digest}`]),
      ...readRunValues().set,
    ],
  };
}

function requireEnvironment(stack: string): keyof Definition {
  const environment = ENVIRONMENTS.find((name) => name === stack);
  if (environment) return environment;
  const hint = nearest(stack, ENVIRONMENTS) ?? 'create one with: pulumi stack init dev';
  throw new RunError(`The stack '${stack}' must be an environment (${ENVIRONMENTS.join(', ')}); ${hint}`);
}

function readList(config: Config, key: string): readonly string[] {
  const list = config.get(key) === undefined ? [] : parse(config.require(key));
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new RunError(
    `The stack's configuration ${config.name}:${key} must be a list of path=value; ` +
      `set with: pulumi config set --path '${config.name}:${key}[0]' rollout.surge=2`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
