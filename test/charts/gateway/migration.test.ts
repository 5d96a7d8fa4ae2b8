import { describe, expect, test } from '@jest/globals';
import { SAFE_FROM_ANNOTATION } from '../../../alerts/rollback/release-of.ts';
import { GatewayLayer, MigrationLayer } from '../../../infra/charts/index.ts';
import { oldestSafeVersion, toSeconds } from '../../../service/definition/index.ts';
import { readStepFiles, requireSteps } from '../../../service/store/schema/step-files.ts';
import { environment, field, IMAGE, render, requireObject } from '../render.ts';

type Image = Parameters<typeof jobOf>[0];

function jobOf(image: { reference: string; pullPolicy: 'Always'; commit?: string }, ...settings: string[]) {
  return requireObject(
    render((app) => new MigrationLayer(app, environment('prod', ...settings), image)),
    'Job',
  );
}

describe('the migration layer', () => {
  const job = jobOf(IMAGE);

  test('runs the program of the same image once, without a token', () => {
    expect(job.spec).toMatchObject({
      template: {
        spec: {
          serviceAccountName: 'migration',
          automountServiceAccountToken: false,
          restartPolicy: 'Never',
          containers: [
            {
              command: ['node', 'service/migrate.ts'],
              image: IMAGE.reference,
              env: expect.arrayContaining([
                { name: 'SLUICE_ENV', value: 'prod' },
                { name: 'DATABASE_URL_FILE', value: '/run/secrets/postgres/url' },
              ]),
            },
          ],
        },
      },
    });
  });

  test('is tried again, ends within the time of a deploy, and goes when it is over', () => {
    const { rollout } = environment('prod');

    expect(job.spec).toMatchObject({ backoffLimit: 6, ttlSecondsAfterFinished: 7 * 86_400 });
    expect(field(job, 'spec.activeDeadlineSeconds')).toBeLessThan(toSeconds(rollout.deployAwait));
  });

  test('reaches Postgres itself where there is a pooler', () => {
    expect(JSON.stringify(jobOf(IMAGE, 'datastores.postgres.pooler.replicas=2'))).not.toContain('DATABASE_POOLER');
  });

  test('is another object whenever something of it changes, and the same one otherwise', () => {
    const other: Image = { ...IMAGE, reference: 'ghcr.io/acme/orders:1.5.0' };
    const names = [
      jobOf(other),
      jobOf({ ...IMAGE, pullPolicy: 'IfNotPresent' as 'Always' }),
      jobOf(IMAGE, 'version=9.9.9'),
      jobOf(IMAGE, 'rollout.deployAwait=700s'),
      job,
    ].map(({ metadata }) => metadata.name);

    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^migration-[0-9a-f]{10}$/);
    expect(jobOf(IMAGE)).toEqual(job);
    // What the gateway alone reads does not run it again.
    expect(jobOf(IMAGE, 'gateway.port=8090').metadata.name).toBe(job.metadata.name);
  });
});

describe('the gateway beside it', () => {
  const objects = render((app) => new GatewayLayer(app, environment('prod'), IMAGE));
  const deployment = requireObject(objects, 'Deployment');
  const wave = (object: Parameters<typeof field>[0]) =>
    Number((field(object, 'metadata.annotations') as Record<string, string>)['argocd.argoproj.io/sync-wave']);

  test('comes after it, with what scales it', () => {
    expect(wave(deployment)).toBeGreaterThan(wave(jobOf(IMAGE)));
    expect(wave(requireObject(objects, 'HorizontalPodAutoscaler'))).toBe(wave(deployment));
  });

  test('leaves the schema to it', () => {
    expect(field(deployment, 'spec.template.spec.containers.0.env')).toContainEqual({
      name: 'MIGRATIONS',
      value: 'await',
    });
  });

  test('says in every ReplicaSet which version may take its place', () => {
    expect(field(deployment, 'spec.template.metadata.annotations')).toEqual({
      [SAFE_FROM_ANNOTATION]: oldestSafeVersion(requireSteps(readStepFiles())),
    });
  });
});
