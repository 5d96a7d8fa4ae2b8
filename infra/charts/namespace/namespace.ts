import { Namespace } from 'cdk8s-plus-28';
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { ALLOWED_LABEL } from '../../../chaos/drill/cluster/names.ts';
import { isDrilled, type Service } from '../../../service/definition/index.ts';
import { sharedLabels, type Identity } from '../objects/labels.ts';
import { podSecurityLabels } from '../objects/pod-security.ts';
import { RETAINED } from '../objects/retained.ts';
import { IMAGES_LABEL } from './image-label.ts';

/** The environment's namespace, which admits pods of the restricted profile only. */
export class NamespaceLayer extends Chart {
  constructor(scope: Construct, values: Identity & Pick<Service, 'drills' | 'images'>) {
    // Not a Layer: a namespace lies in no namespace.
    super(scope, 'namespace', { disableResourceNameHashes: true });
    new Namespace(this, 'namespace', {
      metadata: {
        name: values.namespace,
        labels: {
          ...sharedLabels(values),
          ...podSecurityLabels('restricted', 'restricted'),
          ...(values.images === 'digest' && IMAGES_LABEL),
          // By it faults know where they may be, whoever asks for them.
          ...(isDrilled(values) && { [ALLOWED_LABEL.key]: ALLOWED_LABEL.value }),
        },
        // Its volumes go with it: no slip in a folder of manifests is to be enough.
        annotations: { ...RETAINED },
      },
    });
  }
}
