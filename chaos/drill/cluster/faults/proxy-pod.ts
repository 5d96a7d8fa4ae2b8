import { DRILL_PROXY_PORT } from '../../../../service/definition/index.ts';
import type { Component } from '../../../experiment.ts';
import type { LiveObject } from '../kubernetes.ts';
import { DRILL, proxyLabels, WISH_LABEL } from '../names.ts';
import type { Manifest, Place } from '../place.ts';

/** Labels and owner of what a keeper makes: it goes with the keeper's Deployment. */
export type Made = { readonly labels: Readonly<Record<string, string>>; readonly ownerReferences: readonly object[] };

/** What a pod of ours differs in from the keeper's own. */
export type PodWanted = {
  readonly name: string;
  /** What it stands in front of; absent: no Service is to find it. */
  readonly of?: Component | 'release';
  readonly wish: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  /** Mounted at /run/secrets/NAME. */
  readonly secrets?: readonly { readonly name: string; readonly key: string }[];
  readonly readinessPort?: number;
};

type Container = {
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly resources?: object;
  readonly securityContext?: object;
};
type KeeperPod = {
  readonly containers: readonly [Container, ...Container[]];
  readonly securityContext?: object;
  readonly priorityClassName?: string;
};

/**
 * A pod of the image, size, user and profile that the keeper's own has. Its account is one without any right, and it
 * gets no token.
 */
export function podLike(keeper: LiveObject, wanted: PodWanted): Manifest {
  const { template } = keeper.spec as { readonly template: { readonly spec: KeeperPod } };
  const { containers, securityContext, priorityClassName } = template.spec;
  const [{ image, imagePullPolicy, resources, securityContext: ofContainer }] = containers;
  const { name, of, wish, command, environment, ports = [], secrets = [], readinessPort } = wanted;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: {
        ...sharedLabels(keeper),
        ...proxyLabels(of),
        'app.kubernetes.io/component': 'drill-proxy',
        [WISH_LABEL]: wish,
      },
      ownerReferences: [ownerOf(keeper)],
    },
    spec: {
      serviceAccountName: 'drill-proxy',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: readinessPort === undefined ? 'Never' : 'Always',
      terminationGracePeriodSeconds: 1,
      ...(securityContext && { securityContext }),
      ...(priorityClassName !== undefined && { priorityClassName }),
      containers: [
        {
          name: 'drill-proxy',
          image,
          ...(imagePullPolicy !== undefined && { imagePullPolicy }),
          command,
          env: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
          ports: ports.map((containerPort) => ({ containerPort })),
          ...(resources && { resources }),
          ...(ofContainer && { securityContext: ofContainer }),
          ...(readinessPort !== undefined && {
            readinessProbe: { tcpSocket: { port: readinessPort }, periodSeconds: 1, failureThreshold: 30 },
          }),
          volumeMounts: secrets.map((secret) => ({
            name: secret.name,
            mountPath: `/run/secrets/${secret.name}`,
            readOnly: true,
          })),
        },
      ],
      volumes: secrets.map(({ name: secretName, key }) => ({
        name: secretName,
        secret: { secretName, items: [{ key, path: key }], defaultMode: 0o440 },
      })),
    },
  };
}

/** The Service by which a name leads to some pods, as long as the keeper's Deployment is there. */
export function serviceTo(
  keeper: LiveObject,
  name: string,
  wish: string,
  { selector, port }: { readonly selector: Readonly<Record<string, string>>; readonly port: number },
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      labels: { ...sharedLabels(keeper), 'app.kubernetes.io/component': 'drill-proxy', [WISH_LABEL]: wish },
      ownerReferences: [ownerOf(keeper)],
    },
    spec: { selector, ports: [{ name: 'proxied', port, targetPort: port }] },
  };
}

/** The Deployment of the keeper, which owns whatever a drill makes. */
export function requireKeeper(place: Place): Promise<LiveObject> {
  return place.require('Deployment', DRILL.keeper);
}

/** The port of a proxy's control. */
export const CONTROL_PORT = DRILL_PROXY_PORT;

/** What makes an object go with another one. */
export function ownerOf({ apiVersion, kind, metadata }: LiveObject): object {
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: false };
}

function sharedLabels({ metadata }: LiveObject): Readonly<Record<string, string>> {
  const { labels = {} } = metadata;
  return Object.fromEntries(
    ['app.kubernetes.io/managed-by', 'app.kubernetes.io/part-of'].flatMap((key) =>
      labels[key] === undefined ? [] : [[key, labels[key]]],
    ),
  );
}
