import { readFileSync } from 'node:fs';
import { GUARD_PORT, isGuarded } from '../../service/definition/index.ts';
import { readVariable, VariablesError, type Variables } from '../../service/variables.ts';
import { parseGuardConfig, type GuardConfig } from './config.ts';

/** What the guard is told by its environment; this is the only file of it that reads variables. */
export type Settings = {
  readonly config: GuardConfig;
  /** What Alertmanager shows as `Authorization: Bearer`. */
  readonly token: string;
  /** What synthetic requests show to a gateway. */
  readonly probeKey: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: GuardConfig['logLevel'];
  /** Who holds the lease: the name of the pod. */
  readonly identity: string;
};

// Shorter ones could be guessed.
const SECRET = /^[\x21-\x7e]{32,}$/;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Reads the settings. Throws a VariablesError that lists every wrong variable. */
export function readSettings(variables: Variables): Settings {
  const problems: string[] = [];
  const text = (name: string): string | undefined => readVariable(variables, name, problems);
  const matching = (name: string, pattern: RegExp, right: string, example: string): string => {
    const before = problems.length;
    const value = text(name);
    if (value !== undefined && pattern.test(value)) return value;
    // A file that cannot be read has been told.
    if (problems.length === before)
      problems.push(`${name}: ${value === undefined ? 'is missing' : `must be ${right}`}; example: ${name}=${example}`);
    return '';
  };
  const secret = (name: string): string =>
    matching(name, SECRET, 'at least 32 characters of ASCII without a space', '$(openssl rand -hex 32)');

  const config = readConfig(text('GUARD_CONFIG'), problems);
  const logLevel = text('LOG_LEVEL') ?? config?.logLevel ?? 'info';
  const known = LOG_LEVELS.find((level) => level === logLevel);
  if (!known) problems.push(`LOG_LEVEL: must be one of ${LOG_LEVELS.join(', ')}; example: LOG_LEVEL=info`);
  const port = text('PORT') ?? `${GUARD_PORT}`;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    problems.push(`PORT: must be a whole number from 1 to 65535; example: PORT=${GUARD_PORT}`);
  const settings = {
    token: secret('GUARD_TOKEN'),
    probeKey: secret('PROBE_KEY'),
    host: text('HOST') ?? '0.0.0.0',
    port: Number(port),
    logLevel: known ?? 'info',
    identity: matching('POD_NAME', /^[a-z0-9][a-z0-9.-]{0,252}$/, 'the name of a pod', 'guard-6f7d8c9b5-x2x4z'),
  };
  if (problems.length > 0 || !config) throw new VariablesError(problems);
  return { config, ...settings };
}

/** The configuration in the file, of an environment that is guarded. */
function readConfig(path: string | undefined, problems: string[]): GuardConfig | undefined {
  const problem = (what: string): void =>
    void problems.push(`GUARD_CONFIG: ${what}; example: GUARD_CONFIG=/etc/sluice/guard.json`);
  if (path === undefined) {
    problem('is missing');
    return undefined;
  }
  try {
    const config = parseGuardConfig(JSON.parse(readFileSync(path, 'utf8')));
    if (isGuarded(config)) return config;
    problem(`${path} says release.guard.mode is off: there is nothing to guard`);
  } catch (error) {
    problem(`${path} holds no valid configuration: ${(error as Error).message}`);
  }
  return undefined;
}
