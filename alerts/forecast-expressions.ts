import { toBytes, type Service } from '../service/definition/index.ts';
import { METRICS, selectExported, selectGateway } from '../service/telemetry/catalogue.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Below this share of what there is, a line that rises is a start or a busy hour and no trend to act on. */
const HALF = 0.5;

// Beside the rows, the volume holds the log that a crash is mended with, and what large sorts put down.
const VOLUME_USE = 0.9;

/** A volume that is more than half full will be full within four days, going by the last six hours. */
export function volumeFills({ namespace }: Service): string {
  const free = selectExported(namespace, METRICS.volumeAvailable);
  const share = `max by (namespace, persistentvolumeclaim) (${free} / ${selectExported(namespace, METRICS.volumeCapacity)})`;
  const later = `max by (namespace, persistentvolumeclaim) (predict_linear(${free}[6h], ${4 * DAY}))`;
  return `${share} < ${HALF} and ${later} < 0`;
}

/** Databases that fill more than half of their volume will fill it within four days. */
export function databaseFills({ namespace, datastores: { postgres } }: Service): string {
  const volume = toBytes(postgres.storage);
  const size = selectExported(namespace, METRICS.databaseSize);
  const sum = (of: string): string => `max by (namespace) (sum by (namespace, pod) (${of})) / ${volume}`;
  return `${sum(size)} > ${HALF} and ${sum(`predict_linear(${size}[6h], ${4 * DAY})`)} > ${VOLUME_USE}`;
}

/** Postgres, of whose connections more than half are open, will have none left within the hour. */
export function postgresConnectionsGrow({ namespace }: Service): string {
  const open = selectExported(namespace, METRICS.postgresConnections);
  const most = selectExported(namespace, METRICS.postgresMaxConnections);
  const share = (of: string): string =>
    `max by (namespace) (sum by (namespace, pod) (${of}) / sum by (namespace, pod) (${most}))`;
  return `${share(open)} > ${HALF} and ${share(`predict_linear(${open}[30m], ${HOUR})`)} > 1`;
}

/** A pod that uses more than half of its memory will meet its limit within four hours. */
export function memoryGrows({ namespace, gateway }: Service): string {
  const used = selectGateway(namespace, METRICS.residentMemory);
  const share = (of: string): string => `max by (namespace, pod) (${of}) / ${toBytes(gateway.memory.limit)}`;
  return `${share(used)} > ${HALF} and ${share(`predict_linear(${used}[1h], ${4 * HOUR})`)} > 1`;
}
