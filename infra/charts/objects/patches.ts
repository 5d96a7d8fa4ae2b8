import { isDeepStrictEqual } from 'node:util';
import { ApiObject, JsonPatch, type Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { HASH_LABEL } from '../../../alerts/rollback/cluster/template.ts';
import { toSeconds, type Bytes, type Duration } from '../../../service/definition/index.ts';
import { selectorLabels, type Component } from './labels.ts';

/** One field that cdk8s-plus-28 cannot express, written into the finished object. */
export type Patch = {
  /** What the library lacks. */
  readonly missing: string;
  /** JSON pointer of the field. */
  readonly path: string;
  /** The field's value; absent: the field is taken out. */
  readonly value?: unknown;
};

const POD = '/spec/template/spec';
const ADDRESS_LABEL = 'cdk8s.io~1metadata.addr';

/** Pods without an environment variable for every Service of the namespace. */
export const noServiceLinks: Patch = {
  missing: 'enableServiceLinks of a pod',
  path: `${POD}/enableServiceLinks`,
  value: false,
};

/** Pods without the label that names the place of their construct in the code: moving code must not roll pods. */
export const noAddressLabel: Patch = {
  missing: 'pods without the label of the construct path',
  path: `/spec/template/metadata/labels/${ADDRESS_LABEL}`,
};

/** A Service that selects by our labels alone; a StatefulSet adds the label of its construct path. */
export const noAddressSelector: Patch = {
  missing: 'a Service of a StatefulSet without the label of the construct path',
  path: `/spec/selector/${ADDRESS_LABEL}`,
};

/** The patch of a pod where the pod is that of a CronJob. */
export function inJob(given: Patch): Patch {
  return { ...given, path: given.path.replace(/^\/spec\/template/, '/spec/jobTemplate/spec/template') };
}

/** How urgently pods are placed, and what goes first when a node has too little for all. */
export function priorityClass(name: string): Patch {
  return { missing: 'priorityClassName of a pod', path: `${POD}/priorityClassName`, value: name };
}

/** The longest that the pod of a job may run; a quota tells by it pods that end from those that do not. */
export function podDeadline(deadline: Duration): Patch {
  return {
    missing: 'activeDeadlineSeconds of a pod',
    path: `${POD}/activeDeadlineSeconds`,
    value: Math.ceil(toSeconds(deadline)),
  };
}

/** Releases that can be gone back to. */
export function revisionHistory(releases: number): Patch {
  return { missing: 'revisionHistoryLimit of a Deployment', path: '/spec/revisionHistoryLimit', value: releases };
}

/** Local disk of the first container: what it asks for and what it must not exceed. */
export function ephemeralStorage(request: Size, limit: Size): readonly Patch[] {
  const missing = 'ephemeral storage in other than whole gibibytes';
  const resources = `${POD}/containers/0/resources`;
  return [
    { missing, path: `${resources}/requests/ephemeral-storage`, value: mebibytes(request) },
    { missing, path: `${resources}/limits/ephemeral-storage`, value: mebibytes(limit) },
  ];
}

/** Labels by which revisions are told apart, where pods of two are there at once. */
const REVISIONS = [HASH_LABEL];

/**
 * Even spread over hosts, and over zones when there is more than one. It is a preference: as a must it would keep
 * pods from starting during the very outage that it is there for. A StatefulSet, which has no pod beside the one that
 * it replaces, has `revisions` empty.
 */
export function topologySpread(component: Component, zones: number, revisions = REVISIONS): Patch {
  const keys = ['kubernetes.io/hostname', ...(zones > 1 ? ['topology.kubernetes.io/zone'] : [])];
  return {
    missing: 'topologySpreadConstraints of a pod',
    path: `${POD}/topologySpreadConstraints`,
    value: keys.map((topologyKey) => ({
      labelSelector: { matchLabels: selectorLabels(component) },
      // Each revision is spread by itself; else the pods that a roll removes would push the new ones together.
      ...(revisions.length > 0 && { matchLabelKeys: revisions }),
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
    })),
  };
}

/** A volume of its own for each pod of a StatefulSet. */
export function volumeClaim(name: string, storage: string): Patch {
  return {
    missing: 'volumeClaimTemplates of a StatefulSet',
    path: '/spec/volumeClaimTemplates',
    value: [
      {
        metadata: { name },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: k8s.Quantity.fromString(storage) } },
        },
      },
    ],
  };
}

/** The size of a claim as the definition says it. */
export function claimSize(size: Bytes): Patch {
  return {
    missing: 'storage of a claim in other than whole gibibytes',
    path: '/spec/resources/requests/storage',
    value: k8s.Quantity.fromString(size),
  };
}

/** The pod's volume at an index taken out: a claim of the StatefulSet has its name and takes its place. */
export function noVolumeBeside(index: number): Patch {
  return { missing: 'a mount of a claimed volume without a volume in the pod', path: `${POD}/volumes/${index}` };
}

/**
 * Applies patches to the object of a construct. The library drops a patched field that it does not know or that has
 * another type, without a word; so synthesis fails when one is not in the output as it was written.
 */
export function patch(construct: Construct, patches: readonly Patch[]): void {
  const object = ApiObject.of(construct);
  for (const { path, value } of patches) {
    object.addJsonPatch(value === undefined ? JsonPatch.remove(path) : JsonPatch.add(path, value));
  }
  construct.node.addValidation({
    validate: () => {
      const output: unknown = object.toJson();
      return patches
        .filter(({ path, value }) => !isDeepStrictEqual(lookUp(output, path), plain(value)))
        .map(({ path, missing }) => `${object.kind} ${object.name}: the patch of ${path} (${missing}) was dropped`);
    },
  });
}

function lookUp(value: unknown, pointer: string): unknown {
  const keys = pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** The value as the library writes it: a quantity is its text. */
function plain(value: unknown): unknown {
  if (value instanceof k8s.Quantity) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function mebibytes(size: Size): k8s.Quantity {
  return k8s.Quantity.fromString(`${size.toMebibytes()}Mi`);
}
