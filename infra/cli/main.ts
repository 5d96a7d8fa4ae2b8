import { onOutputError } from './output.ts';
import { reportError } from './report-error.ts';

/** Runs one command with its arguments; sets the exit code and never throws. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
  try {
    // Imported here, so that a definition which does not load is told like every other error.
    const { createProgram } = await import('./program.ts');
    const program = await createProgram(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportError(error, process.env);
  }
}
