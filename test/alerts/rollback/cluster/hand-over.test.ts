import { describe, expect, test } from '@jest/globals';
import { handedOver } from '../../../../alerts/rollback/cluster/hand-over.ts';
import type { LiveObject, ManagedFields } from '../../../../alerts/rollback/cluster/live-object.ts';
import type { Fields } from '../../../../alerts/rollback/cluster/managed-fields.ts';

const IMAGE = { 'f:image': {} };
const EXTRA = { 'k:{"name":"EXTRA"}': { '.': {}, 'f:name': {}, 'f:value': {} } };
const LEVEL = { 'k:{"name":"LEVEL"}': { '.': {}, 'f:name': {}, 'f:value': {} } };

/** What the withdrawn release was: it has the one variable and not the other. */
const WITHDRAWN = withContainer({ name: 'gateway', image: 'b', env: [{ name: 'LEVEL', value: 'info' }] });

const APPLIED = entry('deployer', 'Apply', '2026-01-01T00:00:00Z', { 'f:env': LEVEL });
const OURS = entry('sluice-guard', 'Update', '2026-01-02T00:00:00Z', { ...IMAGE, 'f:env': EXTRA });

describe('what a restore has added', () => {
  test('goes to whoever applied last, with the item itself; what it changed stays, and so do the times', () => {
    const before = entry('earlier', 'Apply', '2025-01-01T00:00:00Z', LEVEL);
    expect(handOver(before, OURS, APPLIED)).toEqual([
      before,
      { ...OURS, fieldsV1: fieldsOf(IMAGE) },
      { ...APPLIED, fieldsV1: fieldsOf({ 'f:env': { ...LEVEL, ...EXTRA } }) },
    ]);
  });

  test('goes with the list or map that it came in', () => {
    const ours = entry('sluice-guard', 'Update', '2026-01-02T00:00:00Z', {
      ...IMAGE,
      'f:volumeMounts': { '.': {}, 'k:{"mountPath":"/extra"}': { '.': {}, 'f:mountPath': {}, 'f:name': {} } },
      'f:securityContext': { '.': {}, 'f:runAsUser': {} },
    });
    const [, applied] = handOver(ours, APPLIED) ?? [];

    expect(applied?.fieldsV1).toEqual(
      fieldsOf({
        'f:env': LEVEL,
        'f:volumeMounts': { '.': {}, 'k:{"mountPath":"/extra"}': { '.': {}, 'f:mountPath': {}, 'f:name': {} } },
        'f:securityContext': { '.': {}, 'f:runAsUser': {} },
      }),
    );
  });

  test('leaves what the applier owns as a place its own when something goes below it', () => {
    const applied = entry('deployer', 'Apply', '2026-01-01T00:00:00Z', { 'f:securityContext': {} });
    const ours = entry('sluice-guard', 'Update', '2026-01-02T00:00:00Z', {
      ...IMAGE,
      'f:securityContext': { 'f:runAsUser': {} },
    });

    expect(handOver(applied, ours)?.[0]?.fieldsV1).toEqual(
      fieldsOf({ 'f:securityContext': { '.': {}, 'f:runAsUser': {} } }),
    );
  });

  test.each<[string, readonly ManagedFields[]]>([
    ['nobody has applied', [OURS, { ...APPLIED, operation: 'Update' }]],
    ['the guard has set nothing', [APPLIED, { ...OURS, manager: 'kubectl' }]],
    ['nothing was added', [APPLIED, { ...OURS, fieldsV1: fieldsOf(IMAGE) }]],
    ['nothing was changed', [APPLIED, { ...OURS, fieldsV1: fieldsOf({ 'f:env': EXTRA }) }]],
  ])('stays where it is when %s', (_, entries) => {
    expect(handOver(...entries)).toBeUndefined();
  });

  test('is nothing any more once it was handed over', () => {
    const after = handOver(OURS, APPLIED) ?? [];
    expect(after).toHaveLength(2);
    expect(handOver(...after)).toBeUndefined();
  });
});

function handOver(...managedFields: readonly ManagedFields[]): readonly ManagedFields[] | undefined {
  const gateway = withContainer({ name: 'gateway' });
  return handedOver({ ...gateway, metadata: { ...gateway.metadata, managedFields } }, WITHDRAWN);
}

function withContainer(container: object): LiveObject {
  const spec = { template: { spec: { containers: [container] } } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'gateway' }, spec };
}

function entry(manager: string, operation: string, time: string, container: Fields): ManagedFields {
  return { manager, operation, time, fieldsV1: fieldsOf(container) };
}

function fieldsOf(container: Fields): Fields {
  const containers = { 'k:{"name":"gateway"}': container };
  return { 'f:metadata': { 'f:labels': {} }, 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': containers } } } };
}
