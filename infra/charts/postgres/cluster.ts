import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Service } from '../../../service/definition/index.ts';
import { CONTAINERS, LOCAL_DISK } from '../../demand/index.ts';
import { imageVersion, labels, type Identity, type Subject } from '../objects/labels.ts';
import { Layer } from '../objects/layer.ts';
import { priorityOf } from '../objects/pod-priority.ts';
import { serverSettings } from './settings.ts';

const COMPONENT = 'postgres-cluster';
const API_VERSION = 'postgresql.cnpg.io/v1';

type Values = Identity & Pick<Service, 'datastores' | 'scaling'>;

/** Postgres as CloudNativePG runs it: a primary, and replicas of which one takes its place. */
export class PostgresClusterLayer extends Layer {
  constructor(scope: Construct, values: Values) {
    super(scope, COMPONENT, values);
    const { postgres } = values.datastores;
    const subject: Subject = { identity: values, component: COMPONENT, version: imageVersion(postgres.image) };
    const metadata = { name: COMPONENT, labels: labels(subject) };
    new ApiObject(this, 'cluster', { apiVersion: API_VERSION, kind: 'Cluster', metadata, spec: clusterSpec(values) });
    if (postgres.cluster.objectStore) {
      new ApiObject(this, 'backups', {
        apiVersion: API_VERSION,
        kind: 'ScheduledBackup',
        metadata,
        spec: {
          cluster: { name: COMPONENT },
          method: 'barmanObjectStore',
          // The operator counts seconds too.
          schedule: `0 ${postgres.backup.schedule}`,
          immediate: true,
          backupOwnerReference: 'self',
        },
      });
    }
  }
}

function clusterSpec(values: Values): object {
  const { postgres } = values.datastores;
  const { instances, objectStore } = postgres.cluster;
  const priority = priorityOf(values, COMPONENT);
  const hasReplicas = instances > 1;
  return {
    instances,
    imageName: postgres.image,
    imagePullPolicy: 'IfNotPresent',
    bootstrap: {
      initdb: { database: values.name, owner: values.name, secret: { name: 'postgres' }, dataChecksums: true },
    },
    enableSuperuserAccess: false,
    // Of a single instance it would keep the node from ever being drained.
    enablePDB: hasReplicas,
    postgresql: {
      parameters: serverSettings(postgres),
      // What was answered outlives the primary; when no replica is left, answers go on without that.
      ...(hasReplicas && { synchronous: { method: 'any', number: 1, dataDurability: 'preferred' } }),
    },
    primaryUpdateStrategy: 'unsupervised',
    primaryUpdateMethod: hasReplicas ? 'switchover' : 'restart',
    storage: { size: postgres.storage, resizeInUseVolumes: true },
    resources: resources(values),
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: 'preferred',
      topologyKey: values.scaling.spreadDomains > 1 ? 'topology.kubernetes.io/zone' : 'kubernetes.io/hostname',
    },
    seccompProfile: { type: 'RuntimeDefault' },
    ephemeralVolumesSizeLimit: { shm: '64Mi', temporaryData: '512Mi' },
    ...(priority !== undefined && { priorityClassName: priority }),
    ...(objectStore && { backup: backup(objectStore) }),
  };
}

function resources(values: Values): object {
  const { cpu, memory } = CONTAINERS.postgresCluster(values);
  return {
    requests: { cpu: `${cpu.request}m`, memory, 'ephemeral-storage': LOCAL_DISK.request },
    limits: { cpu: `${cpu.limit}m`, memory, 'ephemeral-storage': LOCAL_DISK.limit },
  };
}

function backup(store: NonNullable<Service['datastores']['postgres']['cluster']['objectStore']>): object {
  const key = (name: string): object => ({ name: store.secret, key: name });
  return {
    retentionPolicy: store.keep,
    barmanObjectStore: {
      destinationPath: store.path,
      ...(store.endpoint !== undefined && { endpointURL: store.endpoint }),
      s3Credentials: { accessKeyId: key('ACCESS_KEY_ID'), secretAccessKey: key('SECRET_ACCESS_KEY') },
      data: { compression: 'gzip' },
      wal: { compression: 'gzip' },
    },
  };
}
