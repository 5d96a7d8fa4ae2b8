import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EngineEvent, OpType } from '@pulumi/pulumi/automation/index.js';
import { fieldDifferences, pathOf } from '../../../infra/diff/index.ts';
import type { KubernetesObject } from '../../../infra/synth/index.ts';
import type { Registration } from '../registration.ts';
import { runProgram } from '../run-program.ts';
import { refreshState } from './refresh-state.ts';
import type { Resource, Resources } from './resources.ts';
import type { Settings } from './settings.ts';

type Change = {
  readonly operation: 'preview' | 'up' | 'refresh' | 'destroy';
  readonly isPreview: boolean;
  /** Whether what runs is taken for what was made, before anything else. */
  readonly refresh: boolean;
  readonly stack: string;
  readonly resources: Resources;
  readonly settings: Settings;
  readonly tell: (event: Partial<EngineEvent>) => void;
  /** Aborts when somebody breaks off: what is under way is finished, and nothing else begun. */
  readonly stop: AbortSignal;
};

type Result = { readonly resources: Resources; readonly failed: boolean };

const kubectl = promisify(execFile);
const LONGEST_TOLD = 1000;

/** Does what an engine does with a stack: makes what the program registers, deletes what it no longer does. */
export async function changeState(change: Change): Promise<Result> {
  const { operation, isPreview } = change;
  const resources = change.refresh || operation === 'refresh' ? await refresh(change) : change.resources;
  if (operation === 'refresh') return { resources, failed: false };
  const { resources: made, failed } = await (operation === 'destroy' ? destroy : update)({ ...change, resources });
  return { resources: isPreview ? change.resources : made, failed };
}

async function refresh({ isPreview, resources, settings, tell }: Change): Promise<Resources> {
  const refreshed = await refreshState(resources, settings);
  for (const [urn, old] of Object.entries(resources)) {
    const metadata = step('refresh', urn, old, refreshed[urn]);
    tell({ resourcePreEvent: { metadata, planning: isPreview } });
    tell({ resOutputsEvent: { metadata, planning: isPreview } });
  }
  return refreshed;
}

async function update({ isPreview, stack, resources, settings, tell, stop }: Change): Promise<Result> {
  const made: Record<string, Resource> = { ...resources };
  const seen = new Set<string>();
  const run = await runProgram({
    stack,
    config: settings.config,
    secrets: settings.secrets,
    variables: process.env,
    async provision(registration) {
      if (stop.aborted) throw new Error('update canceled');
      const { urn, values } = registration;
      seen.add(urn);
      const old = resources[urn];
      const op = opOf(old, registration);
      tell({ resourcePreEvent: { metadata: step(op, urn, old, registration), planning: isPreview } });
      if (isPreview || op === 'same') return values;
      if (settings.onCluster) await apply(values);
      made[urn] = stored(registration);
      tell({ resOutputsEvent: { metadata: step(op, urn, old, registration) } });
      return values;
    },
  });
  for (const message of run.errors) tell({ diagnosticEvent: { message, color: 'never', severity: 'error' } });
  if (run.exitCode !== 0) return { resources: made, failed: true };
  const gone = Object.keys(resources).filter((urn) => !seen.has(urn));
  const left = await remove({ urns: gone, resources: made, isPreview, settings, tell });
  return { resources: left, failed: false };
}

async function destroy({ isPreview, resources, settings, tell }: Change): Promise<Result> {
  const left = await remove({ urns: Object.keys(resources).reverse(), resources, isPreview, settings, tell });
  return { resources: left, failed: false };
}

type Removal = Pick<Change, 'isPreview' | 'resources' | 'settings' | 'tell'> & { readonly urns: readonly string[] };

async function remove({ urns, resources, isPreview, settings, tell }: Removal): Promise<Resources> {
  for (const urn of urns) {
    const old = resources[urn];
    if (!old) continue;
    tell({ resourcePreEvent: { metadata: step('delete', urn, old), planning: isPreview } });
    if (isPreview) continue;
    if (settings.onCluster && !old.retainOnDelete) await deleteObject(old.values);
    tell({ resOutputsEvent: { metadata: step('delete', urn, old) } });
  }
  return Object.fromEntries(Object.entries(resources).filter(([urn]) => !urns.includes(urn)));
}

function opOf(old: Resource | undefined, { values, ignoreChanges }: Registration): OpType {
  if (!old) return 'create';
  const differences = fieldDifferences(values, old.values).filter(
    ({ steps }) => !ignoreChanges.includes(pathOf(steps)),
  );
  return differences.length === 0 ? 'same' : 'update';
}

function step(op: OpType, urn: string, old?: Resource, wanted?: Resource): never {
  const side = (resource: Resource | undefined): object | undefined =>
    resource && { inputs: masked(resource), retainOnDelete: resource.retainOnDelete };
  const { type } = wanted ?? old ?? { type: '' };
  return { op, urn, type, provider: '', old: side(old), new: side(wanted) } as never;
}

/** Pulumi leaves the values of secrets out of its events. Long texts are cut here: nobody looks at dashboards in them. */
function masked({ values, secretPaths }: Resource): Readonly<Record<string, unknown>> {
  const told = JSON.stringify({ ...values, ...Object.fromEntries(secretPaths.map((path) => [path, '[secret]'])) });
  return JSON.parse(told, (_, value: unknown) =>
    typeof value === 'string' && value.length > LONGEST_TOLD ? value.slice(0, LONGEST_TOLD) : value,
  ) as Readonly<Record<string, unknown>>;
}

function stored({ type, values, secretPaths, retainOnDelete, ignoreChanges }: Registration): Resource {
  return { type, values, secretPaths, retainOnDelete, ignoreChanges };
}

async function apply(values: Readonly<Record<string, unknown>>): Promise<void> {
  const flags = ['--server-side', '--force-conflicts', '--field-manager=pulumi-stand-in', '--validate=strict'];
  const child = kubectl('kubectl', ['apply', ...flags, '-f', '-']);
  child.child.stdin?.end(JSON.stringify(values));
  await child;
}

async function deleteObject(values: Readonly<Record<string, unknown>>): Promise<void> {
  const { kind, apiVersion, metadata } = values as unknown as KubernetesObject;
  const group = apiVersion.includes('/') ? `.${apiVersion.replace(/^(.*)\/(.*)$/, '$2.$1')}` : '';
  const place = metadata.namespace === undefined ? [] : [`--namespace=${metadata.namespace}`];
  await kubectl('kubectl', [...place, 'delete', `${kind}${group}`, metadata.name, '--ignore-not-found', '--wait=true']);
}
