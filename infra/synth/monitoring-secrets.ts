import { createHmac } from 'node:crypto';
import { storeExportersOf, type StoreExporter, type Service } from '../../service/definition/index.ts';
import { EXPORTER_ACCOUNT, redisTargets } from '../charts/index.ts';
import type { SecretValues } from './secret-values.ts';

type SecretRow = readonly [name: string, data: Readonly<Record<string, string>>];

/** The Secrets of what watches: of the exporters beside the stores, and of Grafana. */
export function monitoringSecrets(service: Service, values: SecretValues): readonly SecretRow[] {
  const { grafanaPassword } = values;
  return [
    ...storeExportersOf(service).map((exporter) => [exporter, EXPORTER_SECRETS[exporter](values, service)] as const),
    ...(grafanaPassword === undefined ? [] : [['grafana', { password: grafanaPassword }] as const]),
  ];
}

/**
 * An exporter's password follows from that of its store's owner, so that nobody has to keep it; the other way leads
 * nowhere (HMAC, RFC 2104), as long as the owner's is random.
 */
const EXPORTER_SECRETS: Readonly<Record<StoreExporter, (values: SecretValues, service: Service) => SecretRow[1]>> = {
  'postgres-exporter': ({ postgresPassword = '' }) => ({ password: derived(postgresPassword, 'postgres-exporter') }),
  'redis-exporter': ({ redisPassword = '' }, { stores }) => {
    const password = derived(redisPassword, 'redis-exporter');
    return { password, 'passwords.json': JSON.stringify(passwordsByAddress(stores, password), null, 2) };
  },
};

/** As the exporter of Redis looks them up: newer versions by the address with the account in it, older without. */
function passwordsByAddress(stores: Service['stores'], password: string): Readonly<Record<string, string>> {
  const addresses = redisTargets(stores).flatMap(({ address }) => [
    address,
    address.replace('redis://', `redis://${EXPORTER_ACCOUNT}@`),
  ]);
  return Object.fromEntries(addresses.map((address) => [address, password]));
}

function derived(password: string, purpose: string): string {
  return createHmac('sha256', password).update(purpose).digest('base64url');
}
