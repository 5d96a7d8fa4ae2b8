import { Chart } from 'cdk8s';
import { Pods, Service, ServiceAccount, type IServiceAccount, type ServiceProps } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { labels, programLabels, type Identity, type Subject } from './labels.ts';

/** One layer of an environment: a chart whose objects keep the names they are given, in the service's namespace. */
export class Layer extends Chart {
  constructor(scope: Construct, id: string, identity: Identity) {
    super(scope, id, { namespace: identity.namespace, disableResourceNameHashes: true });
  }
}

/** A service account of a program's own, so that a right given to one is no right of another; no pod gets its token. */
export function serviceAccount(layer: Layer, subject: Subject): IServiceAccount {
  const { component } = subject;
  new ServiceAccount(layer, `${component}-account`, {
    metadata: { name: component, labels: labels(subject) },
    automountToken: false,
  });
  return ServiceAccount.fromServiceAccountName(layer, `${component}-account-name`, component);
}

/** A cluster-internal Service in front of a program's pods. */
export function service(
  layer: Layer,
  subject: Subject,
  portName: string,
  port: number,
  props: Pick<ServiceProps, 'clusterIP' | 'publishNotReadyAddresses'> = {},
): Service {
  const { component } = subject;
  return new Service(layer, `${component}-service`, {
    metadata: { name: component, labels: labels(subject) },
    ports: [{ name: portName, port, targetPort: port }],
    selector: Pods.select(layer, `${component}-pods`, { labels: programLabels(component) }),
    ...props,
  });
}

/** A Service that gives each pod a name; from before it is Ready, for it may need others of its kind to become so. */
export function namesOfPods(layer: Layer, subject: Subject, portName: string, port: number): Service {
  return service(layer, subject, portName, port, { clusterIP: 'None', publishNotReadyAddresses: true });
}
