import { Config, getStack, RunError } from '@pulumi/pulumi';
import { definition, DefinitionError, withValues } from '../../service/definition/index.ts';
import { CheckError, checkedSynthesis } from '../checked-synthesis.ts';
import { QuarantineFileError, readQuarantineFile } from '../quarantine-file.ts';
import { findCommit } from '../synth/index.ts';
import { registerObjects } from './bridge.ts';
import { clusterProvider, readClusterSettings, readKubeconfig } from './kubeconfig.ts';
import { unawaited } from './policy.ts';
import { requireAllowed } from './require-allowed.ts';
import { readRunValues } from './run-variables.ts';
import { readSecrets, secretInputs } from './secrets.ts';
import { readSettings } from './settings.ts';

const config = new Config();
const { environment, values } = readSettings(getStack(), config);
const service = told(() => withValues(definition[environment], values));
const { manifests } = told(() => checkedSynthesis(service, findCommit()));
const secrets = await secretInputs(service, readSecrets(service, config));
const cluster = readClusterSettings(config);
const kubeconfig = await readKubeconfig(cluster);
const quarantined = told(() => readQuarantineFile(environment));
const intended = { environment, namespace: service.namespace, objects: manifests, quarantined };
await requireAllowed(intended, kubeconfig, cluster);
const provider = clusterProvider(kubeconfig, cluster);
const all = [...manifests, ...secrets];
const objects = readRunValues().isFollowed ? all.map(unawaited) : all;
registerObjects(objects, service.rollout.deployAwait, provider && { provider });

/** The namespace that holds everything of this environment. */
export const { namespace } = service;

/** Findings say all there is to say; Pulumi prints a RunError without a stack trace. */
function told<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    const isSaid = [DefinitionError, CheckError, QuarantineFileError].some((expected) => error instanceof expected);
    throw isSaid ? new RunError((error as Error).message) : error;
  }
}
