import { stripVTControlCharacters } from 'node:util';
import type { EngineEvent, OpType, StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import { changeOf, fieldDifferences, pathOf, type FieldChange } from '../diff/index.ts';
import type { DeployEvent, Plan, PlannedChange } from './deployer.ts';

const CHANGES: Partial<Record<OpType, PlannedChange['change']>> = {
  create: 'create',
  import: 'create',
  update: 'update',
  replace: 'replace',
  'create-replacement': 'replace',
  delete: 'delete',
};

/** What Pulumi keeps for itself: the stack, providers and references to other stacks. */
const OWN = 'pulumi:';

/** The plan that the events of a preview tell; each object once. */
export function planOf(events: readonly EngineEvent[]): Plan {
  const steps = events.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [resourcePreEvent.metadata] : []));
  const changes = new Map<string, PlannedChange>();
  let unchanged = 0;
  for (const step of steps.filter(({ type }) => !type.startsWith(OWN))) {
    if (step.op === 'same') unchanged += 1;
    const change = changeIn(step);
    if (change && !changes.has(step.urn)) changes.set(step.urn, change);
  }
  return { changes: [...changes.values()], unchanged };
}

/** What an event tells of a run that is under way; undefined where a person need not know. */
export function deployEventOf(event: EngineEvent): DeployEvent | undefined {
  const { resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
  if (resOutputsEvent && !resOutputsEvent.planning) return objectEvent(resOutputsEvent.metadata, 'done');
  if (resOpFailedEvent) return objectEvent(resOpFailedEvent.metadata, 'failed');
  if (!diagnosticEvent || diagnosticEvent.ephemeral) return undefined;
  const text = stripVTControlCharacters(diagnosticEvent.message)
    .replaceAll(/<\{%[^%]*%\}>/g, '')
    .trim();
  if (text === '') return undefined;
  const severity = diagnosticEvent.severity === 'info#err' ? 'info' : diagnosticEvent.severity;
  return { type: 'message', severity, text };
}

function objectEvent(step: StepEventMetadata, state: 'done' | 'failed'): DeployEvent | undefined {
  const change = step.type.startsWith(OWN) ? undefined : changeIn(step);
  if (!change) return undefined;
  return { type: 'object', state, change: change.change, kind: change.kind, name: change.name };
}

function changeIn(step: StepEventMetadata): PlannedChange | undefined {
  const change = CHANGES[step.op];
  if (!change) return undefined;
  const [wanted, now] = [step.new?.inputs, step.old?.inputs];
  const { kind, metadata } = (wanted ?? now ?? {}) as { kind?: string; metadata?: { name?: string } };
  const isKept = change === 'delete' && step.old?.retainOnDelete === true;
  const told = {
    change: isKept ? ('forget' as const) : change,
    kind: kind ?? step.type.slice(step.type.lastIndexOf(':') + 1),
    name: metadata?.name ?? step.urn.slice(step.urn.lastIndexOf('::') + 2),
  };
  const isChanged = change === 'update' || change === 'replace';
  return { ...told, fields: isChanged ? changedFields(told.kind, wanted, now, step.diffs ?? []) : [] };
}

/** Fields that differ, or their names alone where the values are secret or Pulumi does not tell them. */
export function changedFields(
  kind: string,
  wanted: unknown,
  now: unknown,
  names: readonly string[],
): readonly FieldChange[] {
  const fields = fieldDifferences(wanted, now).map(({ steps, ...sides }): FieldChange => {
    const named = { change: changeOf(sides), path: pathOf(steps) };
    return kind === 'Secret' ? named : { ...named, ...sides };
  });
  return fields.length > 0 ? fields : names.map((path) => ({ change: 'changed', path }));
}
