import type { EnvironmentName } from '../../../service/definition/index.ts';
import type { Drift, DriftedField } from '../../cluster/index.ts';
import { formatValue } from '../../diff/index.ts';

/** What drifted, and what only waits for the next deploy, a line each. */
export function driftInWords(env: EnvironmentName, { drifted, pending }: Drift): string {
  const lines = [
    drifted.length === 0 ? `${env} runs as it was applied: no drift` : `${env} has drifted in ${places(drifted)}`,
    ...drifted.map((field) => `  ${told(field)}`),
  ];
  if (pending.length > 0) {
    lines.push(`The definition is ahead of what was applied in ${places(pending)}; a deploy brings it there`);
    lines.push(...pending.map((field) => `  ${told(field)}`));
  }
  return `${lines.join('\n')}\n`;
}

function told({ kind, name, path, wanted, found, manager }: DriftedField): string {
  if (path === undefined) return `${kind} ${name}: is not there`;
  const who = manager ? ` by ${manager.name}${manager.time === undefined ? '' : ` at ${manager.time}`}` : '';
  const state =
    found === undefined
      ? `was removed, must be ${formatValue(wanted)}; last written`
      : `is ${formatValue(found)}, must be ${wanted === undefined ? 'absent' : formatValue(wanted)}; set`;
  return `${kind} ${name} ${path}: ${state}${who}`;
}

function places({ length }: readonly DriftedField[]): string {
  return `${length} place${length === 1 ? '' : 's'}`;
}
