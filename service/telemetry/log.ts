import { pino, type Logger } from 'pino';
import { describeError, REDACTION, withoutSecrets } from './log-redaction.ts';
import { createLogSink, type LogSink } from './log-sink.ts';

/** A logger of JSON lines on standard output. */
export type Log = Logger;

/** Settings of a program's log. */
export type LogOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Fields of every line, such as the process's role. */
  readonly base: Readonly<Record<string, string | number>>;
  /** Bytes that may wait for a slow reader of standard output; beyond it lines are dropped. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Told of each line that was dropped; default nothing. */
  readonly onDrop?: () => void;
  /** Where lines go; default standard output. */
  readonly destination?: Pick<LogSink, 'write'> & Partial<LogSink>;
};

/**
 * Lines with an ISO time and the level in words, without secrets as far as these can be told. Writing never waits for
 * the reader, and takes no more memory than `maxBytes` when there is none.
 */
export function createLog({ level, base, maxBytes = 1 << 20, onDrop = () => undefined, destination }: LogOptions): Log {
  const sink = destination ?? createLogSink({ maxBytes, onDrop });
  return pino(
    {
      level,
      base: { ...base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
      serializers: { err: (thrown: unknown) => (thrown === undefined ? undefined : describeError(thrown)) },
      redact: REDACTION,
    },
    withoutSecretsInto(sink),
  );
}

function withoutSecretsInto(sink: NonNullable<LogOptions['destination']>): LogSink {
  return {
    write: (line) => sink.write(withoutSecrets(line)),
    flush: (callback) => (sink.flush ? sink.flush(callback) : callback()),
  };
}
