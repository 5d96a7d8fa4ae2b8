import { randomBytes } from 'node:crypto';
import { ClusterError, type LiveObject } from '../kubernetes.ts';
import { DRILL } from '../names.ts';
import type { Place } from '../place.ts';

/** What a drill is started with. */
export type JobWanted = {
  /** Arguments of the program. */
  readonly args: readonly string[];
};

type JobTemplate = {
  readonly metadata?: object;
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly command: readonly string[] }] };
      readonly [field: string]: unknown;
    };
    readonly [field: string]: unknown;
  };
};

const PROGRAM = 'chaos/drill/cluster/main.ts';

/** Makes a Job of the CronJob's own template, with other arguments; its name. It is kept, and goes, as those of the schedule are. */
export async function startJob(place: Place, { args }: JobWanted): Promise<string> {
  const cronJob = await place.find('CronJob', DRILL.runner);
  if (!cronJob)
    throw new ClusterError(
      'failed',
      `there is no CronJob ${DRILL.runner} in '${place.namespace}': set drills.enabled for the environment and deploy it`,
    );
  const name = `${DRILL.runner}-by-hand-${randomBytes(3).toString('hex')}`;
  const { jobTemplate } = cronJob.spec as { readonly jobTemplate: JobTemplate };
  await place.create('Job', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...jobTemplate.metadata, name, ownerReferences: [ownerOf(cronJob)] },
    spec: withArguments(jobTemplate.spec, args),
  });
  return name;
}

/** As the controller of CronJobs has it for its own, so that it keeps as many and no more. */
function ownerOf({ metadata: { name, uid } }: LiveObject): object {
  return { apiVersion: 'batch/v1', kind: 'CronJob', name, uid, controller: true, blockOwnerDeletion: true };
}

function withArguments(spec: JobTemplate['spec'], args: readonly string[]): object {
  const { template } = spec;
  const [container] = template.spec.containers;
  const place = container.command.indexOf(PROGRAM);
  const command = [...container.command.slice(0, place + 1), ...args];
  return { ...spec, template: { ...template, spec: { ...template.spec, containers: [{ ...container, command }] } } };
}
