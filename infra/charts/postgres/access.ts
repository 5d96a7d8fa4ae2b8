import type { VolumeMount } from 'cdk8s-plus-28';
import type { Service } from '../../../service/definition/index.ts';
import type { Component } from '../objects/labels.ts';
import type { Layer } from '../objects/layer.ts';
import { secretFiles, secretPath } from '../objects/volumes.ts';
import { POSTGRES_PORT } from './place.ts';

const SECRET = 'postgres';
const CERTIFICATES = 'ca.crt';

/** The Secret in which CloudNativePG shows the authority of its instances' certificates. */
export const CLUSTER_CERTIFICATES = 'postgres-cluster-ca';

/** What a container reaches Postgres by. */
export type PostgresAccess = {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly VolumeMount[];
};

/** The address of Postgres, what its certificate is held against, and with `pooled` the pooler where there is one. */
export function postgresAccess(
  layer: Layer,
  component: Component,
  { kind, externalTls, pooler }: Service['datastores']['postgres'],
  { pooled }: { readonly pooled: boolean },
): PostgresAccess {
  const environment = {
    DATABASE_URL_FILE: `${secretPath(SECRET)}/url`,
    ...(pooled && pooler && { DATABASE_POOLER: `postgres-pooler:${POSTGRES_PORT}` }),
  };
  const address = (keys: readonly string[]): VolumeMount => secretFiles(layer, component, SECRET, keys);
  switch (kind) {
    case 'single':
      return { environment, volumes: [address(['url'])] };
    case 'cloudnativepg':
      return {
        environment: { ...environment, DATABASE_TLS: certificatesOf(CLUSTER_CERTIFICATES) },
        volumes: [address(['url']), secretFiles(layer, component, CLUSTER_CERTIFICATES, [CERTIFICATES])],
      };
    case 'external':
      return {
        environment: {
          ...environment,
          DATABASE_TLS: externalTls === 'secret' ? certificatesOf(SECRET) : externalTls,
        },
        volumes: [address(externalTls === 'secret' ? ['url', CERTIFICATES] : ['url'])],
      };
  }
}

/** Where the certificates of a Secret appear. */
export function certificatesOf(secret: string): string {
  return `${secretPath(secret)}/${CERTIFICATES}`;
}
