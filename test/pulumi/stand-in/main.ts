/**
 * Stands in for the `pulumi` program: it takes the same arguments, tells the same events and runs the project's own
 * program, by the test engine. State is a file; resources are objects that kubectl applies, or nothing at all.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Resources } from './resources.ts';
import type { Settings } from './settings.ts';

const FOLDER = process.env.STAND_IN_FOLDER ?? '.';
const settings = JSON.parse(readFileSync(join(FOLDER, 'settings.json'), 'utf8')) as Settings;
const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  args: withValues(process.argv.slice(2)),
});
const [command = '', subcommand = ''] = positionals;
const stateFile = join(FOLDER, `${String(values.stack)}.json`);

const { SLUICE_SET, SLUICE_FOLLOWED, KUBECONFIG } = process.env;
const call = { args: process.argv.slice(2), cwd: process.cwd(), SLUICE_SET, SLUICE_FOLLOWED, KUBECONFIG };
appendFileSync(join(FOLDER, 'calls.jsonl'), `${JSON.stringify(call)}\n`);

if (command === 'version') console.log('v3.200.0');
else if (command === 'stack' && subcommand === 'select') selectStack();
else if (command === 'stack') console.log(subcommand === 'output' ? JSON.stringify(settings.outputs ?? {}) : '[]');
else await operate();

function selectStack(): void {
  if (!existsSync(stateFile)) fail(`no stack named '${String(values.stack)}' found`);
}

async function operate(): Promise<void> {
  if (settings.failure !== undefined) {
    fail(settings.failure);
    return;
  }
  const resources = JSON.parse(readFileSync(stateFile, 'utf8')) as Resources;
  // Imported here: most calls are short, and the engine is large.
  const { changeState } = await import('./change-state.ts');
  const log = String(values['event-log']);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const result = await changeState({
    operation: command as 'preview' | 'up' | 'refresh' | 'destroy',
    isPreview: command === 'preview' || values['preview-only'] === true,
    refresh: values.refresh === true,
    stack: String(values.stack),
    resources,
    settings,
    stop: stop.signal,
    tell: (event) => appendFileSync(log, `${JSON.stringify({ sequence: 1, timestamp: 1, ...event })}\n`),
  });
  appendFileSync(log, `${JSON.stringify({ sequence: 2, timestamp: 2, summaryEvent: { resourceChanges: {} } })}\n`);
  writeFileSync(stateFile, JSON.stringify(result.resources));
  if (result.failed) fail('update failed');
}

function fail(message: string): void {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 255;
}

/** `--stack dev` as `--stack=dev`: a parser that knows no options cannot tell which of them have values. */
function withValues(args: readonly string[]): string[] {
  const named = new Set(['--stack', '--event-log', '--exec-kind', '--color']);
  return args.flatMap((arg, index) => {
    if (named.has(arg)) return [`${arg}=${args[index + 1] ?? ''}`];
    return named.has(args[index - 1] ?? '') ? [] : [arg];
  });
}
