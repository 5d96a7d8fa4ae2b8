import { expect, test } from '@jest/globals';
import { PostgresLayer } from '../../../infra/charts/index.ts';
import { dataOf, environment, field, render, requireObject } from '../render.ts';

test('the service owns its database and is no superuser, who has no password', () => {
  const objects = render((app) => new PostgresLayer(app, environment('prod', 'name=orders')));
  const configuration = requireObject(objects, 'ConfigMap');
  const variables = field(requireObject(objects, 'StatefulSet'), 'spec.template.spec.containers.0.env');

  expect(variables).toContainEqual({ name: 'POSTGRES_USER', value: 'postgres' });
  expect(dataOf(configuration, '1-owner.sql').split('\n').slice(1, 4)).toEqual([
    `CREATE ROLE "orders" LOGIN PASSWORD :'password';`,
    'ALTER DATABASE "orders" OWNER TO "orders";',
    'ALTER ROLE "postgres" PASSWORD NULL;',
  ]);
  // What the backup writes later, as the service, must be its own.
  expect(dataOf(configuration, '3-record.sql')).toMatch(/^SET ROLE "orders";/);
});
