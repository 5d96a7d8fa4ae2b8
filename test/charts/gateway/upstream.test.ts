import { describe, expect, test } from '@jest/globals';
import { UpstreamLayer } from '../../../infra/charts/index.ts';
import { environment, field, IMAGE, render, requireObject } from '../render.ts';

const CONTAINER = 'spec.template.spec.containers.0';

describe('the sample upstream', () => {
  const service = environment('staging', 'upstream.port=8085', 'logLevel=warn');
  const objects = render((app) => new UpstreamLayer(app, service, IMAGE));
  const deployment = requireObject(objects, 'Deployment');

  test('listens where its Service leads', () => {
    expect(field(deployment, `${CONTAINER}.env`)).toContainEqual({ name: 'PORT', value: '8085' });
    expect(field(deployment, `${CONTAINER}.readinessProbe.httpGet`)).toMatchObject({ path: '/readyz', port: 8085 });
    expect(requireObject(objects, 'Service').spec).toMatchObject({ ports: [{ port: 8085, targetPort: 8085 }] });
  });

  test('logs at the level of the environment', () => {
    expect(field(deployment, `${CONTAINER}.env`)).toContainEqual({ name: 'LOG_LEVEL', value: 'warn' });
  });

  test('is one pod, replaced only by one that is Ready, and closed only when nobody is led to it', () => {
    expect(deployment.spec).toMatchObject({
      replicas: 1,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    expect(field(deployment, `${CONTAINER}.lifecycle.preStop.exec.command`)).toEqual(['sleep', '5']);
  });
});
