import type { Config, Output } from '@pulumi/pulumi';
import { z } from 'zod';
import { definition, ENVIRONMENTS, nearest, type EnvironmentName } from '../../../service/definition/index.ts';
import { readClusterSettings, type ClusterSettings } from '../kubeconfig.ts';
import { PlatformError } from './errors.ts';
import { KIND_CONTEXT } from './kind-cluster.ts';
import { PART_IDS, type Issuer } from './part.ts';
import type { PlatformRequest } from './plan.ts';

/** What a platform stack decides. */
export type PlatformSettings = {
  readonly request: PlatformRequest;
  readonly cluster: ClusterSettings;
  /** Secret; absent: there is no Grafana. */
  readonly grafanaPassword: Output<string> | undefined;
};

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

const issuerSchema = z.strictObject({
  server: z.url().default(LETS_ENCRYPT),
  email: z.email().optional(),
  // By DNS alone: a service opens no port 80 and lets no pod in that would answer there.
  solvers: z.array(z.looseObject({ dns01: z.looseObject({}), http01: z.undefined().optional() })).min(1),
});

/** Reads a stack's configuration. Throws one PlatformError with everything that is wrong in it. */
export function readPlatformSettings(config: Config): PlatformSettings {
  const problems: string[] = [];
  const environments = environmentsOf(config.getObject('environments'), problems);
  const parts = partsOf(config.getObject('parts'), problems);
  const cluster = clusterOf(config.get('cluster'), problems);
  const issuer = issuerOf(config.getObject('issuer'), problems);
  if (problems.length > 0) {
    throw new PlatformError(`The configuration of the platform is wrong:\n${problems.join('\n')}`);
  }
  const grafanaPassword = config.get('grafanaPassword') ? config.requireSecret('grafanaPassword') : undefined;
  const services = environments.map((name) => definition[name]);
  const target = readClusterSettings(config);
  const isNamed = target.file !== undefined || target.stack !== undefined || target.context !== undefined;
  return {
    request: { services, parts, cluster, issuer, grafana: grafanaPassword !== undefined },
    // Whatever cluster a laptop's kubectl is at, only the one that kind made is meant.
    cluster: cluster === 'kind' && !isNamed ? { ...target, context: KIND_CONTEXT } : target,
    grafanaPassword,
  };
}

function environmentsOf(value: unknown, problems: string[]): readonly EnvironmentName[] {
  if (value === undefined) return ENVIRONMENTS;
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (names.length === 0) problems.push(`  environments: must name at least one of ${ENVIRONMENTS.join(', ')}`);
  for (const name of names.filter((each) => !isOneOf(ENVIRONMENTS, each)))
    problems.push(unknown('environments', name, ENVIRONMENTS));
  return names.filter((name) => isOneOf(ENVIRONMENTS, name));
}

function partsOf(value: unknown, problems: string[]): PlatformRequest['parts'] {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(
      `  parts: must be a map of parts to true or false, set with: pulumi config set --path 'parts.${PART_IDS[0]}' false`,
    );
    return {};
  }
  for (const [id, isOn] of Object.entries(value)) {
    if (!isOneOf(PART_IDS, id)) problems.push(unknown('parts', id, PART_IDS));
    else if (typeof isOn !== 'boolean')
      problems.push(`  parts.${id}: is ${JSON.stringify(isOn)}, must be true or false`);
  }
  return value;
}

function clusterOf(value: string | undefined, problems: string[]): PlatformRequest['cluster'] {
  const kinds = ['existing', 'kind'] as const;
  if (value === undefined || isOneOf(kinds, value)) return value ?? 'existing';
  problems.push(unknown('cluster', value, kinds));
  return 'existing';
}

function issuerOf(value: unknown, problems: string[]): Issuer | undefined {
  if (value === undefined) return undefined;
  const { data, error } = issuerSchema.safeParse(value);
  for (const { path, message } of error?.issues ?? []) {
    problems.push(
      `  issuer${path.map((each) => `.${String(each)}`).join('')}: ${message} (solvers of cert-manager, by dns01)`,
    );
  }
  return data;
}

function unknown(key: string, value: unknown, known: readonly string[]): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `  ${key}: '${text}' is none of ${known.join(', ')}; ${nearest(text, known) ?? 'take one of these'}`;
}

function isOneOf<const T extends readonly string[]>(known: T, value: unknown): value is T[number] {
  return (known as readonly unknown[]).includes(value);
}
