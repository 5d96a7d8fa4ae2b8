import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_LIMIT = 64 * 2 ** 20;

/** Why no cluster can be used, in words; undefined when one answers. */
export function whyNoCluster(): string | undefined {
  if (!process.env.KUBECONFIG) return 'KUBECONFIG names no cluster';
  try {
    execFileSync('kubectl', ['version', '--request-timeout=10s'], { stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    return code === 'ENOENT' ? 'kubectl is not on PATH' : `the cluster does not answer: ${stderr?.toString().trim()}`;
  }
}

/** Runs kubectl in a namespace and gives back what it printed. Throws with what it said when it fails. */
export async function kubectl(namespace: string, args: readonly string[], input?: string): Promise<string> {
  const child = run('kubectl', [`--namespace=${namespace}`, ...args], { maxBuffer: OUTPUT_LIMIT });
  if (input !== undefined) child.child.stdin?.end(input);
  const { stdout } = await child;
  return stdout;
}

/** The objects of a kind, as the cluster has them. */
export async function list<T>(namespace: string, kind: string, selector = ''): Promise<readonly T[]> {
  const text = await kubectl(namespace, ['get', kind, `--selector=${selector}`, '--output=json']);
  return (JSON.parse(text) as { items: T[] }).items;
}

/** A pod, as far as tests look at it. */
export type Pod = {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** The gateway's pods that take requests. */
export async function readyGateways(namespace: string): Promise<readonly Pod[]> {
  const pods = await list<Pod>(namespace, 'pods', 'app.kubernetes.io/name=gateway');
  return pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
  );
}
