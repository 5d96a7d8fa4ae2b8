import { readFileSync } from 'node:fs';
import { DRILL_PORT, parseService, type Service } from '../../../service/definition/index.ts';
import { readVariable, VariablesError, type Variables } from '../../../service/variables.ts';

/** What a program of drills in a cluster is told by its environment; this is the only file that reads variables. */
export type DrillSettings = {
  readonly service: Service;
  /** What is shown as `Authorization: Bearer`, to the keeper and to fault proxies. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** The name of the pod. */
  readonly identity: string;
  /** Where keys and users of a drill are made; of the runner alone. */
  readonly databaseUrl: string | undefined;
  /** From which sources the image is, for reports. */
  readonly commit: string;
};

// Shorter ones could be guessed.
const KEY = /^[\x21-\x7e]{32,}$/;
const POD = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/** Reads the settings. Throws a VariablesError that lists every wrong variable, and no secret. */
export function readDrillSettings(variables: Variables): DrillSettings {
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
  const service = readService(text('SLUICE_DEFINITION'), problems);
  const port = text('PORT') ?? `${DRILL_PORT}`;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    problems.push(`PORT: must be a whole number up to 65535; example: PORT=${DRILL_PORT}`);
  const settings = {
    key: matching('DRILL_KEY', KEY, 'at least 32 characters of ASCII without a space', '$(openssl rand -hex 32)'),
    host: text('HOST') ?? '0.0.0.0',
    port: Number(port),
    identity: matching('POD_NAME', POD, 'the name of a pod', 'drill-keeper-6f7d8c9b5-x2x4z'),
    databaseUrl: text('DATABASE_URL'),
    commit: text('SLUICE_COMMIT') ?? 'unknown',
  };
  if (problems.length > 0 || !service) throw new VariablesError(problems);
  return { service, ...settings };
}

function readService(path: string | undefined, problems: string[]): Service | undefined {
  const problem = (what: string): void =>
    void problems.push(`SLUICE_DEFINITION: ${what}; example: SLUICE_DEFINITION=/etc/sluice/service.json`);
  if (path === undefined) {
    problem('is missing');
    return undefined;
  }
  try {
    return parseService(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    problem(`${path} holds no valid definition: ${(error as Error).message}`);
    return undefined;
  }
}
