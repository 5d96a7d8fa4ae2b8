import { describe, expect, test } from '@jest/globals';
import { resourceOptions } from '../../infra/pulumi/index.ts';
import { autoscaler, object } from './objects.ts';

describe('resource options', () => {
  test('leave the number of replicas to the autoscaler of exactly that Deployment', () => {
    const scaled = object('apps/v1', 'Deployment', 'gateway');
    const fixed = object('apps/v1', 'Deployment', 'upstream');
    const all = [scaled, fixed, autoscaler('gateway')];
    expect(resourceOptions(scaled, all, '600s').ignoreChanges).toEqual(['spec.replicas']);
    expect(resourceOptions(fixed, all, '600s').ignoreChanges).toBeUndefined();
  });

  test.each([
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['batch/v1', 'Job'],
    ['v1', 'Service'],
  ])('wait for %s %s as long as the definition lets a deploy wait', (apiVersion, kind) => {
    const { customTimeouts } = resourceOptions(object(apiVersion, kind, 'a'), [], '15m');
    expect(customTimeouts).toEqual({ create: '900s', update: '900s' });
  });

  test('keep immutable ConfigMaps for a rollback and let others go', () => {
    const hashed = object('v1', 'ConfigMap', 'settings-8c1f1af', { immutable: true, data: { a: 'b' } });
    expect(resourceOptions(hashed, [], '600s')).toEqual({ retainOnDelete: true });
    expect(resourceOptions(object('v1', 'ConfigMap', 'settings', { data: { a: 'b' } }), [], '600s')).toEqual({});
  });

  test.each([
    ['v1', 'ConfigMap', 'data'],
    ['coordination.k8s.io/v1', 'Lease', 'spec'],
  ])('leave to a program what it keeps in an object %s %s that is applied empty', (apiVersion, kind, content) => {
    const record = object(apiVersion, kind, 'sluice-guard');
    expect(resourceOptions(record, [], '600s')).toEqual({ ignoreChanges: [content], retainOnDelete: true });
  });
});
