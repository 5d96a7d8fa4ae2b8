import { definition } from '../definition/index.ts';

/** What the sample upstream is told by its environment; this is the only file of it that reads variables. */
export type UpstreamConfig = {
  readonly host: string;
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
};

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Reads HOST (default every address), PORT and LOG_LEVEL. Throws one RangeError that names every wrong variable. */
export function readUpstreamConfig(variables: Readonly<Record<string, string | undefined>>): UpstreamConfig {
  const { upstream, logLevel } = definition.dev;
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
  if (problems.length > 0) throw new RangeError(`The environment is wrong:\n  ${problems.join('\n  ')}`);
  return { host: text('HOST', '0.0.0.0'), port: Number(port), logLevel: level ?? logLevel };
}
