import { output, RunError, type Config, type Output } from '@pulumi/pulumi';
import { ENVIRONMENTS, nearest, type Definition, type EnvironmentName } from '../../service/definition/index.ts';
import type { SecretValues } from '../synth/index.ts';

/** What a stack decides. */
export type Settings = {
  /** The environment: the stack's name. */
  readonly environment: EnvironmentName;
  /** Values of the definition that this stack replaces, each as `path=value`. */
  readonly values: readonly string[];
  /** Secret from here on. */
  readonly passwords: Output<SecretValues>;
  /** Addresses among them; where one is not given, the Secret that holds it is made by someone else. */
  readonly addresses: readonly AddressKey[];
};

const ADDRESSES = ['redisUrl', 'redisCacheUrl'] as const satisfies readonly (keyof SecretValues)[];

/** A secret that is an address. */
export type AddressKey = (typeof ADDRESSES)[number];

/**
 * Reads a stack's configuration. Throws one RunError when the stack is no environment, when a password is missing
 * (all missing ones at once) or when `set` is no list.
 */
export function readSettings(stack: string, config: Config): Settings {
  const environment = requireEnvironment(stack);
  const given = ADDRESSES.flatMap((key) => {
    const address = config.getSecret(key);
    return address ? [[key, address] as const] : [];
  });
  const redisPassword = config.getSecret('redisPassword');
  const postgresPassword = config.getSecret('postgresPassword');
  if (!redisPassword || !postgresPassword) {
    throw new RunError(missing({ redisPassword, postgresPassword }, config.name));
  }
  const digest = config.get('imageDigest');
  return {
    environment,
    values: [...readList(config, 'set'), ...(digest === undefined ? [] : [`image.digest=${digest}`])],
    passwords: output({ redisPassword, postgresPassword, ...Object.fromEntries(given) }),
    addresses: given.map(([key]) => key),
  };
}

function requireEnvironment(stack: string): keyof Definition {
  const environment = ENVIRONMENTS.find((name) => name === stack);
  if (environment) return environment;
  const hint = nearest(stack, ENVIRONMENTS) ?? 'create one with: pulumi stack init dev';
  throw new RunError(`The stack '${stack}' must be an environment (${ENVIRONMENTS.join(', ')}); ${hint}`);
}

function missing(values: Readonly<Record<string, unknown>>, project: string): string {
  const keys = Object.keys(values).filter((key) => values[key] === undefined);
  const commands = keys.map((key) => `  pulumi config set --secret ${project}:${key}`);
  return `The stack's configuration misses ${keys.join(' and ')}; set with:\n${commands.join('\n')}`;
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
