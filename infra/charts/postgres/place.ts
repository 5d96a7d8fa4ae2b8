import type { Service } from '../../../service/definition/index.ts';
import type { Component } from '../objects/labels.ts';

/** Port of Postgres in its pod and its Service, and of the pooler in front of it. */
export const POSTGRES_PORT = 5432;

/** Programs of Postgres that we run or have run. */
type Server = Extract<Component, 'postgres' | 'postgres-cluster'>;

const SERVERS: Readonly<Record<Service['datastores']['postgres']['kind'], Server | undefined>> = {
  single: 'postgres',
  cloudnativepg: 'postgres-cluster',
  external: undefined,
};

/** The program that is Postgres; undefined where others run it. */
export function postgresServer({ kind }: Pick<Service['datastores']['postgres'], 'kind'>): Server | undefined {
  return SERVERS[kind];
}

/** The name by which Postgres is reached: that of the pod's Service, or of the one that follows the primary. */
export function postgresHost(server: Server): string {
  return server === 'postgres' ? server : `${server}-rw`;
}
