import { EXPORTER_ACCOUNT } from '../objects/exporter-account.ts';
import { secretPath } from '../objects/volumes.ts';

/**
 * The line of Redis' configuration that lets its exporter in, to numbers alone: no key, no configuration, and no slow
 * command with its arguments. Written by a shell, which reads the password from its file.
 */
export const REDIS_ACCOUNT =
  `user ${EXPORTER_ACCOUNT} on ">$(cat ${secretPath('redis-exporter')}/password)" ` +
  '-@all +ping +info +client|setname +slowlog|len +latency|latest';
