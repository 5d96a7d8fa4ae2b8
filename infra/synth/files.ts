import { basename } from 'node:path';
import { alertmanagerConfig, ruleGroups } from '../../alerts/index.ts';
import { chaosToolkitFiles } from '../../chaos/index.ts';
import type { Service } from '../../service/definition/index.ts';
import { sortedJson, sortedYaml } from '../charts/index.ts';
import { dashboardsOf } from './dashboards.ts';
import type { KubernetesObject } from './object.ts';

type Parts = {
  readonly service: Service;
  /** Objects by the layer that they belong to. */
  readonly layers: ReadonlyMap<string, readonly KubernetesObject[]>;
  readonly chaos: readonly KubernetesObject[];
};

/** The files of an environment's folder, by path, sorted. */
export function filesOf({ service, layers, chaos }: Parts): ReadonlyMap<string, string> {
  const manifests = [...layers].map(([layer, objects]) => [`manifests/${layer}.yaml`, sortedYaml(...objects)] as const);
  const experiments = chaos.map((object) => [`chaos/${object.metadata.name}.yaml`, sortedYaml(object)] as const);
  const files = [
    ...manifests,
    ['kustomization.yaml', kustomization(manifests.map(([path]) => path))] as const,
    ['prometheus/rules.yaml', sortedYaml(ruleGroups(service))] as const,
    ['alertmanager/alertmanager.yaml', sortedYaml(alertmanagerConfig(service))] as const,
    ...[...dashboardsOf(service)].map(([file, board]) => [`dashboards/${file}`, sortedJson(board)] as const),
    ...experiments,
    // By itself: whoever applies it has the kinds of Chaos Mesh on the cluster, and means to.
    ...(experiments.length > 0
      ? [['chaos/kustomization.yaml', kustomization(experiments.map(([path]) => basename(path)))] as const]
      : []),
    ...[...chaosToolkitFiles(service)].map(
      ([file, content]) => [`chaos-toolkit/${file}`, textOf(file, content)] as const,
    ),
  ];
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function textOf(file: string, content: object): string {
  return file.endsWith('.json') ? sortedJson(content) : sortedYaml(content);
}

function kustomization(resources: readonly string[]): string {
  return sortedYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
}
