import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { balancerOf, type IngressSettings } from '../../../service/definition/index.ts';
import { sharedLabels } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';
import { inWave } from '../objects/waves.ts';
import { albAnnotations, nginxAnnotations } from './annotations.ts';
import { envoyObjects } from './envoy.ts';
import { httpRoutes } from './http-routes.ts';
import type { CustomObject, IngressValues } from './values.ts';

/** The name of everything here: that of the Service which requests are sent to. */
const NAME = 'gateway';

/** The Secret of a certificate that cert-manager is asked for. */
const ISSUED_SECRET = 'gateway-tls';

/** The way in from outside: an Ingress, or routes of the Gateway API, with what the balancer's class can do. */
export class IngressLayer extends Layer {
  constructor(scope: Construct, values: IngressValues) {
    super(scope, 'ingress', values);
    if (values.ingress.kind === 'ingress') this.addIngress(values);
    else this.addRoutes(values);
  }

  private addIngress(values: IngressValues): void {
    const { ingress, gateway } = values;
    const { host, tls } = ingress;
    const className = classNameOf(ingress);
    new k8s.KubeIngress(this, 'ingress', {
      metadata: {
        name: NAME,
        labels: sharedLabels(values),
        // With what answers: Argo CD waits until it has an address, which not every controller ever tells.
        annotations: { ...inWave('gateway'), ...issuerAnnotation(ingress), ...classAnnotations(values) },
      },
      spec: {
        ...(className !== undefined && { ingressClassName: className }),
        rules: [
          {
            ...(host !== undefined && { host }),
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: NAME, port: { number: gateway.port } } } },
              ],
            },
          },
        ],
        ...(tls && host !== undefined && { tls: [{ hosts: [host], secretName: secretOf(tls) }] }),
      },
    });
  }

  private addRoutes(values: IngressValues): void {
    const { ingress } = values;
    const parent = ingress.parent ?? { name: NAME, namespace: values.namespace };
    const routes = httpRoutes(values, {
      parent,
      behaviour: balancerOf(ingress),
      annotations: classAnnotations(values),
    });
    const objects = [
      ...(ingress.parent ? [] : [ownGateway(values)]),
      ...routes,
      ...(ingress.class === 'envoy' ? envoyObjects(values, routes) : []),
    ];
    for (const { apiVersion, kind, name, annotations, spec } of objects) {
      new ApiObject(this, `${kind}-${name}`, {
        apiVersion,
        kind,
        metadata: { name, labels: sharedLabels(values), ...(annotations && { annotations }) },
        spec,
      });
    }
  }
}

/** A Gateway for this service alone, for a platform that has none with a certificate for its host. */
function ownGateway({ ingress }: IngressValues): CustomObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    name: NAME,
    annotations: issuerAnnotation(ingress),
    spec: {
      gatewayClassName: classNameOf(ingress),
      listeners: [
        {
          name: 'https',
          hostname: ingress.host,
          port: 443,
          protocol: 'HTTPS',
          tls: { mode: 'Terminate', certificateRefs: [{ name: secretOf(ingress.tls) }] },
          allowedRoutes: { namespaces: { from: 'Same' } },
        },
      ],
    },
  };
}

function classAnnotations(values: IngressValues): Readonly<Record<string, string>> {
  const { class: name, values: stated } = values.ingress;
  if (name === 'nginx') return nginxAnnotations(values);
  if (name === 'alb') return albAnnotations(values);
  return stated === undefined || stated.retry === 'none' ? {} : stated.retry;
}

/** cert-manager makes the certificate of every host of an object that carries it. */
function issuerAnnotation({ tls }: IngressSettings): Record<string, string> {
  return tls?.issuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': tls.issuer };
}

function secretOf(tls: IngressSettings['tls']): string {
  return tls?.secret ?? ISSUED_SECRET;
}

function classNameOf({ class: name, className }: IngressSettings): string | undefined {
  return className ?? name;
}
