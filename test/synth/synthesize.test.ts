import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { objectKey, secretObjects, synthesize } from '../../infra/synth/index.ts';
import { definition, ENVIRONMENTS, withValues } from '../../service/definition/index.ts';
import { PASSWORDS } from '../support/passwords.ts';

const COMMIT = '8c1f1af';
const MODULES = ['synth/index.ts', '../service/definition/index.ts'].map((path) =>
  fileURLToPath(new URL(`../../infra/${path}`, import.meta.url)),
);
const environments = ENVIRONMENTS.map((name) => ({ name, ...synthesize(definition[name], COMMIT) }));

describe.each(environments)('the synthesis of $name', ({ name, manifests, chaos, files }) => {
  test('has the objects that were reviewed', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{10}$/, '-HASH')}`);

    expect(names).toMatchSnapshot();
  });

  test('names no object twice', () => {
    const keys = [...manifests, ...chaos].map(objectKey);

    expect(keys).toHaveLength(new Set(keys).size);
  });

  test('puts each object after those that it needs', () => {
    const position = (kind: string) => manifests.findIndex((object) => object.kind === kind);
    const order = [
      ...['Namespace', 'ServiceAccount', 'NetworkPolicy', 'ConfigMap', 'Service'],
      ...['Deployment', 'StatefulSet', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'],
    ];

    expect(order.map(position)).toEqual(order.map(position).toSorted((a, b) => a - b));
    expect(position('Namespace')).toBe(0);
  });

  test('keeps everything but the namespace in the namespace', () => {
    const places = manifests.slice(1).map(({ metadata }) => metadata.namespace);

    expect(new Set(places)).toEqual(new Set([definition[name].namespace]));
  });

  test('runs every container under the restricted profile, with a token of the API server where it must be', () => {
    const pods = manifests.flatMap(({ spec }) => {
      const pod = (spec as { template?: { spec: PodSpec } } | undefined)?.template?.spec;
      return pod ? [pod] : [];
    });
    const withToken = pods.filter(({ automountServiceAccountToken }) => automountServiceAccountToken !== false);

    expect(pods.length).toBeGreaterThanOrEqual(3);
    // They change the gateway's Deployment; nobody else that lasts asks the API server for anything.
    const keepers = definition[name].drills.enabled ? ['drill-keeper'] : [];
    expect(withToken.map(({ serviceAccountName }) => serviceAccountName)).toEqual([...keepers, 'guard']);
    for (const pod of pods) {
      expect(pod).toMatchObject({ enableServiceLinks: false });
      expect(pod.containers[0]?.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
  });

  test('lists every manifest in the kustomization, and nothing else', () => {
    const { resources } = parse(files.get('kustomization.yaml') ?? '') as { resources: string[] };
    const paths = [...files.keys()].filter((path) => path.startsWith('manifests/'));

    expect(resources.toSorted()).toEqual(paths);
    expect(resources[0]).toBe('manifests/namespace.yaml');
  });

  test('writes to files what it gives as objects', () => {
    const written = [...files]
      .filter(([path]) => path.startsWith('manifests/'))
      .flatMap(([, text]) => parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as unknown));

    expect(written).toHaveLength(manifests.length);
    expect(written).toEqual(expect.arrayContaining([...manifests]));
  });

  test('names images by version and commit, never latest', () => {
    const all = [...files.values()].join('\n');

    expect(all).not.toMatch(/:latest\b/);
    expect(all).toContain(`${definition[name].image.repository}:${definition[name].version}-${COMMIT}`);
  });

  test('has rules, alert routes and a dashboard as plain files', () => {
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['prometheus/rules.yaml', 'alertmanager/alertmanager.yaml']),
    );
    expect([...files.keys()].filter((path) => /^dashboards\/.+\.json$/.test(path))).not.toEqual([]);
  });
});

type PodSpec = {
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly containers: readonly { readonly securityContext: unknown }[];
};

describe('a synthesis', () => {
  test('is the same bytes in another process, time zone and locale', () => {
    const program = `
      import { synthesize } from ${JSON.stringify(MODULES[0])};
      import { definition } from ${JSON.stringify(MODULES[1])};
      const all = Object.values(definition).map((service) => [...synthesize(service, '${COMMIT}').files]);
      process.stdout.write(JSON.stringify(all));`;
    const env = { ...process.env, TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' };

    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      env,
      maxBuffer: 2 ** 26,
    });

    expect(JSON.parse(stdout)).toEqual(environments.map(({ files }) => [...files]));
  });

  test.each(['chaos/', 'chaos-toolkit/'])('exports experiments for staging alone: %s', (folder) => {
    const withExperiments = environments.filter(({ files }) =>
      [...files.keys()].some((path) => path.startsWith(folder)),
    );

    expect(withExperiments.map(({ name }) => name)).toEqual(['staging']);
  });

  test('deploys what the definition asks for, and nothing beside it', () => {
    const service = withValues(definition.prod, ['stores.backend=memory', 'upstream.deploy=false']);
    const names = synthesize(service, COMMIT).manifests.map(({ metadata }) => metadata.name);

    expect(names).not.toContain('redis');
    expect(names).not.toContain('upstream');
  });

  test('holds no secret value', () => {
    const secrets = JSON.stringify(ENVIRONMENTS.flatMap((name) => secretObjects(definition[name], PASSWORDS)));
    const all = JSON.stringify(environments.map(({ manifests, files }) => [manifests, ...files]));

    for (const value of Object.values(PASSWORDS)) {
      expect(secrets).toContain(value);
      expect(all).not.toContain(value);
    }
    expect(all).not.toMatch(/"kind":"Secret"|postgres:\/\/|redis:\/\/:|stringData/);
  });
});
