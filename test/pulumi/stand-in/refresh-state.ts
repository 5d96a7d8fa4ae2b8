import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fieldDifferences } from '../../../infra/diff/index.ts';
import { objectKey, type KubernetesObject } from '../../../infra/synth/index.ts';
import type { Resource, Resources } from './resources.ts';
import type { Settings } from './settings.ts';

type Fields = Readonly<Record<string, unknown>>;

const kubectl = promisify(execFile);
const OUTPUT_LIMIT = 64 * 2 ** 20;

/** What runs of each resource, in the fields that it was made with, as a refresh of Pulumi has it; what is gone is left out. */
export async function refreshState(resources: Resources, settings: Settings): Promise<Resources> {
  const objects = Object.values(resources).map(objectOf);
  const live = settings.onCluster ? await onCluster(objects) : [...objects, ...(settings.moved ?? [])];
  const byKey = new Map(live.map((object) => [objectKey(object), object]));
  const refreshed = Object.entries(resources).flatMap(([urn, resource]): [string, Resource][] => {
    const found = byKey.get(objectKey(objectOf(resource)));
    return found ? [[urn, { ...resource, values: valuesOf(resource, found) }]] : [];
  });
  return Object.fromEntries(refreshed);
}

async function onCluster(objects: readonly KubernetesObject[]): Promise<readonly KubernetesObject[]> {
  if (objects.length === 0) return [];
  const child = kubectl('kubectl', ['get', '-f', '-', '--ignore-not-found', '--output=json'], {
    maxBuffer: OUTPUT_LIMIT,
  });
  child.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const { stdout } = await child;
  if (stdout === '') return [];
  const found = JSON.parse(stdout) as KubernetesObject & { readonly items?: readonly KubernetesObject[] };
  return found.items ?? [found];
}

/** The values that a resource has then. Those of a Secret can be written and not read in the same form. */
function valuesOf({ values }: Resource, live: KubernetesObject): Fields {
  const isAsMade = live.kind === 'Secret' || fieldDifferences(values, live, 'left').length === 0;
  return isAsMade ? values : (inShapeOf(values, live) as Fields);
}

/** The fields of a value that another has too; items of lists by their place. */
function inShapeOf(shape: unknown, value: unknown): unknown {
  if (Array.isArray(shape) && Array.isArray(value)) {
    return value.map((item: unknown, place) => (place < shape.length ? inShapeOf(shape[place], item) : item));
  }
  if (!isFields(shape) || !isFields(value)) return value;
  const both = Object.keys(shape).filter((name) => value[name] !== undefined);
  return Object.fromEntries(both.map((name) => [name, inShapeOf(shape[name], value[name])]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf({ values }: Resource): KubernetesObject {
  return values as unknown as KubernetesObject;
}
