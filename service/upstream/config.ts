import { definition } from '../definition/index.ts';
import { readCollector, type Collector } from '../telemetry/trace/index.ts';
import { readVariable, type Variables } from '../variables.ts';

/** What the sample upstream is told by its environment; this is the only file of it that reads variables. */
export type UpstreamConfig = {
  readonly host: string;
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Where traces are sent; undefined: none are recorded. */
  readonly collector: Collector | undefined;
};

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * Reads HOST (default every address), PORT, LOG_LEVEL and the variables of OpenTelemetry. Throws one RangeError that
 * names every wrong variable.
 */
export function readUpstreamConfig(variables: Variables): UpstreamConfig {
  const { name, version, upstream, environment, logLevel } = definition.dev;
  const text = (name: string, fallback: string): string => {
    const value = variables[name]?.trim() ?? '';
    return value === '' ? fallback : value;
  };
  const problems: string[] = [];
  const port = text('PORT', String(upstream.port));
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    problems.push(`PORT: must be a whole number from 1 to 65535; example: PORT=${upstream.port}`);
  }
  const level = LOG_LEVELS.find((known) => known === text('LOG_LEVEL', logLevel));
  if (!level) problems.push(`LOG_LEVEL: must be one of ${LOG_LEVELS.join(', ')}; example: LOG_LEVEL=${logLevel}`);
  const collector = readCollector((each) => readVariable(variables, each, problems), problems, {
    name: `${name}-upstream`,
    version,
    environment,
  });
  if (problems.length > 0) throw new RangeError(`The environment is wrong:\n  ${problems.join('\n  ')}`);
  return { host: text('HOST', '0.0.0.0'), port: Number(port), logLevel: level ?? logLevel, collector };
}
