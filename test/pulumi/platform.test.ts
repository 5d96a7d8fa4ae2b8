import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PARTS, PART_IDS, planPlatform, type PartId } from '../../infra/pulumi/platform/index.ts';
import { PRIORITY_CLASSES } from '../../infra/charts/objects/priority-classes.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { readProject, runProgram, type Run } from './run-program.ts';

const FOLDER = fileURLToPath(new URL('../../infra/pulumi/platform/', import.meta.url));
const RELEASE = 'kubernetes:helm.sh/v3:Release';
const ALL = Object.fromEntries(PART_IDS.map((id) => [id, true]));
const NONE = Object.fromEntries(PART_IDS.map((id) => [id, false]));
const ISSUER = { solvers: [{ dns01: { route53: { region: 'eu-central-1' } } }] };
const SERVICES = ENVIRONMENTS.map((name) => definition[name]);

describe('a platform with every part', () => {
  let run: Run;
  beforeAll(async () => {
    run = await up({ parts: ALL, issuer: ISSUER }, { grafanaPassword: 'let-me-look' });
  });

  test('has each chart once, at one version, in a namespace that it does not make itself', () => {
    expect(run).toMatchObject({ errors: [], warnings: [], exitCode: 0, finished: true, unknownCalls: [] });
    const charts = PART_IDS.filter((id) => PARTS[id].chart);
    expect(
      releases(run)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...charts].sort());
    for (const { name, values } of releases(run)) {
      const { chart } = PARTS[name as PartId];
      expect(values).toMatchObject({ name, chart: chart?.name, version: chart?.version, createNamespace: false });
      expect(values.version).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(namespaces(run)).toContain(values.namespace);
    }
    expect(run.outputs).toEqual({ parts: expect.arrayContaining([...PART_IDS]) as unknown });
  });

  test('makes everything after what it uses, and lets the rest go in parallel', () => {
    const before = (type: string, name: string) => closure(run, type, name);
    expect(before(RELEASE, 'monitoring')).toEqual(
      new Set(['monitoring', 'monitoring/grafana-admin', ...Object.values(PRIORITY_CLASSES).map(({ name }) => name)]),
    );
    expect(before(RELEASE, 'cert-manager')).toEqual(
      // What monitoring knows first: the kind of the object that has it scraped.
      new Set([...before(RELEASE, 'monitoring'), 'cert-manager', 'envoy-gateway', 'envoy-gateway-system', 'eg']),
    );
    expect(before('kubernetes:cert-manager.io/v1:ClusterIssuer', 'letsencrypt')).toContain('cert-manager');
    expect(before('kubernetes:gateway.networking.k8s.io/v1:GatewayClass', 'eg')).toContain('envoy-gateway');
    // What bounds its faults is there before it.
    expect(before(RELEASE, 'chaos-mesh')).toEqual(new Set(['chaos-mesh', 'sluice-drills']));
    expect(before(RELEASE, 'metrics-server')).toEqual(new Set());
  });

  test('tells its only secret to nobody but the Secret that holds it', () => {
    const secretive = run.resources.filter(({ secretPaths }) => secretPaths.length > 0);
    expect(secretive.map(({ name, secretPaths }) => [name, secretPaths])).toEqual([
      ['monitoring/grafana-admin', ['stringData']],
    ]);
    const others = run.resources.filter((resource) => !secretive.includes(resource));
    expect(JSON.stringify([others, run.outputs])).not.toContain('let-me-look');
  });

  test('has certificates told by the namespace of each, and not by the one of who tells', () => {
    expect(valuesOf(run, 'cert-manager')).toMatchObject({
      prometheus: { servicemonitor: { enabled: true, honorLabels: true } },
    });
  });

  test('sets up monitoring that reads the objects of every service, dashboards too', () => {
    const { prometheus, alertmanager, grafana } = valuesOf(run, 'monitoring');
    expect(prometheus).toMatchObject({
      prometheusSpec: {
        enableFeatures: ['exemplar-storage'],
        podMonitorSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        priorityClassName: 'sluice-monitoring',
      },
    });
    expect(alertmanager).toMatchObject({
      alertmanagerSpec: { alertmanagerConfigMatcherStrategy: { type: 'OnNamespace' } },
    });
    expect(grafana).toMatchObject({
      enabled: true,
      admin: { existingSecret: 'grafana-admin' },
      sidecar: {
        dashboards: {
          label: 'grafana_dashboard',
          labelValue: '1',
          searchNamespace: 'ALL',
          folderAnnotation: 'k8s-sidecar-target-directory',
          provider: { foldersFromFilesStructure: true },
        },
      },
    });
  });

  test('holds every namespace that it makes to the profile of its pods', () => {
    const profiles = run.resources
      .filter(({ values }) => values.kind === 'Namespace')
      .map(({ name, values }) => [name, labels(values)['pod-security.kubernetes.io/enforce']]);
    expect(Object.fromEntries(profiles)).toEqual({
      monitoring: 'privileged',
      'envoy-gateway-system': 'baseline',
      'cert-manager': 'restricted',
      'cnpg-system': 'restricted',
      'chaos-mesh': 'privileged',
    });
  });
});

describe('a platform', () => {
  test('has what the environments of its cluster need, unless the stack says otherwise', async () => {
    const prod = await up({ environments: ['prod'] });
    expect(prod).toMatchObject({ errors: [], exitCode: 0 });
    expect(
      releases(prod)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['cert-manager', 'envoy-gateway', 'metrics-server', 'monitoring']);
    const dev = (mode: string) => withValues(definition.dev, [`release.guard.mode=${mode}`]);
    expect(planned({ services: [dev('off')] })).toEqual(['admission', 'drills', 'metrics-server']);
    expect(planned({ services: [dev('act')] })).toEqual(['admission', 'quarantine', 'drills', 'metrics-server']);
    expect(planned({ services: [definition.staging] })).toContain('chaos-mesh');
    expect(planned({ services: [definition.staging], parts: { 'chaos-mesh': false } })).not.toContain('chaos-mesh');
  });

  test('with no part registers nothing', async () => {
    const run = await up({ parts: NONE });
    expect(run).toMatchObject({ errors: [], exitCode: 0, finished: true, resources: [], outputs: { parts: [] } });
  });

  test('has no Grafana without a password, and no issuer without a way to show whose a host is', async () => {
    const run = await up({ parts: ALL });
    expect(valuesOf(run, 'monitoring').grafana).toEqual({ enabled: false });
    expect(run.resources.filter(({ values }) => ['Secret', 'ClusterIssuer'].includes(values.kind as string))).toEqual(
      [],
    );
  });

  test('names no priority class and waits for no Gateway API where it does not make them', () => {
    const plan = planPlatform({
      ...REQUEST,
      parts: { ...ALL, 'priority-classes': false, 'envoy-gateway': false },
    });
    // What monitoring knows first: the kind of the object that has cert-manager scraped; and what bounds faults.
    expect(plan.flatMap(({ after }) => after)).toEqual(['monitoring', 'drills']);
    expect(JSON.stringify(plan)).not.toMatch(/priorityClassName|enableGatewayAPI/);
  });

  test('on a laptop trusts the kubelets of kind, and means the cluster of kind alone', async () => {
    const run = await up({ cluster: 'kind', environments: ['dev'] });
    expect(valuesOf(run, 'metrics-server')).toEqual({ args: ['--kubelet-insecure-tls'] });
    const [provider, ...others] = run.resources;
    expect(provider).toMatchObject({ type: 'pulumi:providers:kubernetes', values: { context: 'kind-sluice' } });
    for (const { provider: used } of others) expect(used).toBe(`${provider?.urn ?? ''}::cluster`);
  });

  test('is refused when two environments of one cluster want a part in two places', () => {
    const { prod, staging } = definition;
    const moved = { ...staging, ingress: { ...staging.ingress, controllerNamespace: 'elsewhere' } };
    expect(() => planPlatform({ ...REQUEST, services: [prod, moved] })).toThrow(
      "ingress.controllerNamespace must be the same in all environments of one cluster: sluice-prod has 'envoy-gateway-system', sluice-staging has 'elsewhere'",
    );
  });

  test('has each part stand after those that it needs', () => {
    for (const id of PART_IDS) {
      const earlier: readonly PartId[] = PART_IDS.slice(0, PART_IDS.indexOf(id));
      expect(earlier).toEqual(expect.arrayContaining([...PARTS[id].after]));
    }
  });

  test('takes the password as a secret only', () => {
    expect(readProject(FOLDER).config.grafanaPassword).toMatchObject({ secret: true });
  });
});

test('a platform that cannot be right registers nothing and says why in one message', async () => {
  const run = await up({ parts: { 'cert-manger': true }, cluster: 'kinder' });

  expect(run).toMatchObject({ exitCode: 32, finished: false, resources: [] });
  expect(run.errors).toEqual([expect.stringMatching(/cert-manger[^]*did you mean 'cert-manager'[^]*kinder/)]);
  expect(run.errors[0]).not.toMatch(/\n +at /);
});

const REQUEST = { services: SERVICES, parts: {}, cluster: 'existing', grafana: false } as const;

function planned(request: Partial<Parameters<typeof planPlatform>[0]>): readonly PartId[] {
  return planPlatform({ ...REQUEST, ...request }).map(({ id }) => id);
}

function up(config: Record<string, unknown>, secrets: Record<string, string> = {}): Promise<Run> {
  const text = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return runProgram({
    stack: 'cluster',
    folder: FOLDER,
    config: Object.fromEntries(text) as Record<string, string>,
    secrets,
  });
}

function releases({ resources }: Run): Run['resources'] {
  return resources.filter(({ type }) => type === RELEASE);
}

function namespaces({ resources }: Run): readonly string[] {
  return ['kube-system', ...resources.filter(({ values }) => values.kind === 'Namespace').map(({ name }) => name)];
}

function valuesOf(run: Run, part: PartId): Readonly<Record<string, unknown>> {
  const release = releases(run).find(({ name }) => name === part);
  if (!release) throw new Error(`${part} is not installed`);
  return release.values.values as Readonly<Record<string, unknown>>;
}

function labels(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return (values.metadata as { readonly labels: Readonly<Record<string, string>> }).labels;
}

/** Names of everything that one resource waited for, by whatever way. */
function closure({ resources }: Run, type: string, name: string): ReadonlySet<string> {
  const found = resources.find((each) => each.type === type && each.name === name);
  if (!found) throw new Error(`${type} ${name} is not registered`);
  const names = new Set<string>();
  const visit = (urns: readonly string[]): void => {
    for (const resource of resources.filter(({ urn }) => urns.includes(urn))) {
      names.add(resource.name);
      visit(resource.dependencies);
    }
  };
  visit(found.dependencies);
  return names;
}
