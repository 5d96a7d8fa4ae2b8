import type { Construct } from 'constructs';
import { toSeconds, type Service } from '../../../service/definition/index.ts';
import { readStepFiles } from '../../../service/store/schema/step-files.ts';
import { CONTAINERS } from '../../demand/index.ts';
import type { Identity, Subject } from '../objects/labels.ts';
import { Layer, serviceAccount } from '../objects/layer.ts';
import { scratch } from '../objects/volumes.ts';
import { job } from '../objects/workload.ts';
import { postgresAccess } from '../postgres/access.ts';
import { APPLICATION_USER, type ImageProps } from './application.ts';

const COMPONENT = 'migration';
/** What is left of the time of a deploy when the Job must be over, so that its own words are the last. */
const REST_SECONDS = 60;

/** The Job that brings the schema up to date before the gateways of a release become Ready. */
export class MigrationLayer extends Layer {
  constructor(
    scope: Construct,
    values: Identity & Pick<Service, 'datastores' | 'environment' | 'rollout'>,
    image: ImageProps,
  ) {
    super(scope, COMPONENT, values);
    const subject: Subject = { identity: values, component: COMPONENT, version: values.version };
    // Not by a pooler: it takes locks that belong to its connection.
    const database = postgresAccess(this, COMPONENT, values.datastores.postgres, { pooled: false });
    job(this, subject, {
      pod: {
        name: COMPONENT,
        image: image.reference,
        pullPolicy: image.pullPolicy,
        account: serviceAccount(this, subject),
        command: ['node', 'service/migrate.ts'],
        environment: { SLUICE_ENV: values.environment, ...database.environment },
        user: APPLICATION_USER,
        ...CONTAINERS.migration(),
        volumes: [...database.volumes, scratch(this, COMPONENT, 'tmp', '/tmp', '64Mi')],
        grace: '30s',
      },
      work: readStepFiles().map(({ name, hash }) => `${name} ${hash}`),
      wave: 'migration',
      deadline: `${toSeconds(values.rollout.deployAwait) - REST_SECONDS}s`,
      retries: 6,
      kept: '7d',
    });
  }
}
