import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Provision } from './engine.ts';

/** Applies each object to the cluster in KUBECONFIG by server-side apply, strictly; its state is the live object. */
export const applyToCluster: Provision = async ({ values }) => {
  const flags = ['--server-side', '--force-conflicts', '--field-manager=sluice-test', '--validate=strict'];
  const live = await kubectl(['apply', ...flags, '--output=json', '--filename=-'], JSON.stringify(values));
  // A field that can only be written, such as stringData, is part of the state all the same.
  return { ...values, ...(JSON.parse(live) as object) };
};

/** Runs kubectl and returns what it prints. Throws with its message when it fails. */
export async function kubectl(parameters: readonly string[], input = ''): Promise<string> {
  const child = spawn('kubectl', parameters, { stdio: 'pipe' });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [printed, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`kubectl ${parameters.join(' ')}: ${problem.trim()}`);
  return printed;
}
