import { EXIT } from './errors.ts';

// By name, not by class: importing the classes loads the definition, and a wrong definition is one of the errors.
const EXPECTED: Readonly<Record<string, number>> = {
  CheckError: EXIT.failed,
  DefinitionError: EXIT.failed,
  DeployError: EXIT.failed,
  PreflightError: EXIT.failed,
  QuarantineFileError: EXIT.failed,
  UsageError: EXIT.usage,
  KubeconfigError: EXIT.usage,
  AbortedError: EXIT.aborted,
  ClusterError: EXIT.unavailable,
  PulumiMissingError: EXIT.unavailable,
  UnavailableError: EXIT.unavailable,
};

const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  EACCES: 'choose a place that you may write to, or change its permissions',
  EPERM: 'choose a place that you may write to, or change its permissions',
  EROFS: 'choose a place that is not read-only',
  ENOSPC: 'free some space, or choose another disk',
  ENOTDIR: 'a file stands where a folder is needed; choose another path',
  EEXIST: 'a file stands where a folder is needed; choose another path',
};

/** Tells an error in one message on stderr, without its stack unless SLUICE_DEBUG is set; returns the exit code. */
export function reportError(error: unknown, variables: Readonly<Record<string, string | undefined>>): number {
  if (!(error instanceof Error)) return reportUnexpected(String(error));
  // Commander has told its errors already.
  if (error.name === 'CommanderError') return 'exitCode' in error && error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (variables.SLUICE_DEBUG) process.stderr.write(`${error.stack ?? ''}\n`);
  const code = EXPECTED[error.name];
  if (code !== undefined) {
    process.stderr.write(`error: ${error.message}\n`);
    return code;
  }
  const hint = 'code' in error ? SYSTEM_HINTS[String(error.code)] : undefined;
  if (hint === undefined) return reportUnexpected(error.message);
  process.stderr.write(`error: ${error.message}; ${hint}\n`);
  return EXIT.failed;
}

function reportUnexpected(message: string): number {
  const [line = ''] = message.split('\n');
  process.stderr.write(`error: unexpected: ${line} (SLUICE_DEBUG=1 shows where)\n`);
  return EXIT.failed;
}
