import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { LiveObject } from '../../infra/cluster/index.ts';
import { startApiServer, type ApiServer, type ApiServerState } from '../support/api-server.ts';

let state: ApiServerState;
let server: ApiServer;

beforeEach(async () => {
  const [kinds, objects] = [['v1 ConfigMap'], [configMap('7')]];
  state = { version: 'v1.34.1', kinds, objects, allows: () => true, forbidden: undefined };
  server = await startApiServer(() => state);
});
afterEach(() => server.close());

test('an object is deleted as it was read', async () => {
  expect(await server.writer.remove(configMap('7'))).toBe(true);
  expect(server.asked).toContain('DELETE /api/v1/namespaces/shop/configmaps/old');
});

test('one that somebody changed meanwhile stays', async () => {
  expect(await server.writer.remove(configMap('6'))).toBe(false);
});

test('one that is gone, and one of a kind that is gone, is no failure', async () => {
  state = { ...state, objects: [] };
  expect(await server.writer.remove(configMap('7'))).toBe(false);
  expect(await server.writer.remove({ ...configMap('7'), kind: 'Gone' })).toBe(false);
});

test('what RBAC forbids is told', async () => {
  state = { ...state, forbidden: /configmaps/ };
  await expect(server.writer.remove(configMap('7'))).rejects.toMatchObject({
    name: 'ClusterError',
    problem: 'forbidden',
    message: expect.stringContaining('to delete ConfigMap old: ada cannot'),
  });
});

function configMap(resourceVersion: string): LiveObject {
  const metadata = { name: 'old', namespace: 'shop', uid: 'some', resourceVersion };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}
