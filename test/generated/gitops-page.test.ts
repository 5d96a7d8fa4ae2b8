import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { PROJECT } from '../../infra/generated/files.ts';
import { STORES } from '../../alerts/rollback/index.ts';
import { synthesize, type KubernetesObject } from '../../infra/synth/index.ts';
import { definition } from '../../service/definition/index.ts';
import { field } from '../charts/render.ts';

const page = readFileSync(`${PROJECT}docs/gitops.md`, 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => parse(text) as unknown);

const text = { type: 'string' } as const;
const yes = { const: true } as const;
const strict = (properties: object, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  additionalProperties: false,
});
const list = (items: object) => ({ type: 'array', items, minItems: 1 });
const time = { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' };
const metadata = strict({ name: text, namespace: text });

/** The fields that the examples use, as argo-cd's and kustomize-controller's own definitions have them. */
const SCHEMAS = {
  Application: strict({
    apiVersion: { const: 'argoproj.io/v1alpha1' },
    kind: { const: 'Application' },
    metadata,
    spec: strict({
      project: text,
      source: strict({ repoURL: text, targetRevision: text, path: text }),
      destination: strict({ server: text, namespace: text }),
      syncPolicy: strict({
        automated: strict({ prune: yes, selfHeal: yes }),
        syncOptions: list({ type: 'string', pattern: '^[A-Z][A-Za-z]+=(true|false)$' }),
      }),
      ignoreDifferences: list(strict({ group: text, kind: text, name: text, jsonPointers: list(text) })),
    }),
  }),
  Kustomization: strict({
    apiVersion: { const: 'kustomize.toolkit.fluxcd.io/v1' },
    kind: { const: 'Kustomization' },
    metadata,
    spec: strict({
      interval: time,
      retryInterval: time,
      timeout: time,
      path: { type: 'string', pattern: '^\\./' },
      prune: yes,
      sourceRef: strict({ kind: { enum: ['GitRepository', 'OCIRepository', 'Bucket'] }, name: text }),
      healthChecks: list(strict({ apiVersion: text, kind: text, name: text, namespace: text })),
    }),
  }),
};

describe('the page on GitOps', () => {
  const { manifests, files } = synthesize(definition.prod);

  test.each(Object.entries(SCHEMAS))('shows an example that %s admits', (kind, schema) => {
    const validate = new Ajv({ allErrors: true }).compile(schema);
    const example = examples.find((each) => field(each, 'kind') === kind);

    expect([validate(example), validate.errors]).toEqual([true, null]);
  });

  test('names objects that the environment has', () => {
    const names = (kind: string) => manifests.filter((each) => each.kind === kind).map((each) => each.metadata.name);
    const [application, kustomization] = examples;

    expect(names('Deployment')).toContain(field(kustomization, 'spec.healthChecks.0.name'));
    expect(names('Deployment')).toContain(field(application, 'spec.ignoreDifferences.0.name'));
    expect(names('Namespace')).toEqual([field(application, 'spec.destination.namespace')]);
    expect(names('Namespace')).toEqual([field(kustomization, 'spec.healthChecks.0.namespace')]);
  });

  test('links to pages that are there', () => {
    for (const [, path = ''] of page.matchAll(/\]\(([^)#:]+)\)/g))
      expect(() => readFileSync(`${PROJECT}docs/${path}`)).not.toThrow();
  });

  test('tells of files that are written', () => {
    const staging = [...synthesize(definition.staging).files.keys()];

    expect([...files.keys()]).toContain('kustomization.yaml');
    expect(staging).toContain('chaos/kustomization.yaml');
    expect([...files.keys()].filter((path) => path.startsWith('chaos/'))).toEqual([]);
  });
});

describe('what Argo CD and Flux read', () => {
  const { manifests } = synthesize(definition.prod);
  const records: readonly string[] = Object.values(STORES);
  /** What outlives the manifest that it stands in. */
  const isKept = ({ kind, metadata, immutable }: KubernetesObject) =>
    ['Namespace', 'PersistentVolumeClaim', 'Lease'].includes(kind) ||
    (kind === 'ConfigMap' && (immutable === true || records.includes(metadata.name)));

  test('keeps them from taking away what earlier releases, backups and volumes need, and what the guard has written', () => {
    const kept = manifests.filter(isKept);

    expect(kept.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining([...records]));
    expect(kept.length).toBeGreaterThan(records.length + 3);
    for (const { metadata } of kept)
      expect(metadata.annotations).toMatchObject({
        'argocd.argoproj.io/sync-options': 'Prune=false',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      });
  });

  test('lets them take away everything else', () => {
    const others = manifests.filter((each) => !isKept(each));

    expect(JSON.stringify(others)).not.toContain('Prune=false');
  });

  test('lets nothing wait for what comes after it', () => {
    const wave = (kind: string, name: string) =>
      Number(
        manifests.find((each) => each.kind === kind && each.metadata.name === name)?.metadata.annotations?.[
          'argocd.argoproj.io/sync-wave'
        ] ?? 0,
      );

    // An autoscaler without its target, and a claim that nobody uses yet, are not healthy; so no wave may follow them.
    expect(wave('HorizontalPodAutoscaler', 'gateway')).toBe(wave('Deployment', 'gateway'));
    expect(wave('PersistentVolumeClaim', 'postgres-backups')).toBe(wave('Deployment', 'gateway'));
    expect(wave('Deployment', 'gateway')).toBeGreaterThan(wave('StatefulSet', 'postgres'));
  });
});
