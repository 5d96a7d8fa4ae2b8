import { createHmac } from 'node:crypto';
import { exportersOf, type Exporter, type Service } from '../../service/definition/index.ts';
import { EXPORTER_ACCOUNT, redisTargets } from '../charts/index.ts';
import type { SecretValues } from './secrets.ts';

/** The name of a Secret and what it holds. */
export type SecretRow = readonly [name: string, data: Readonly<Record<string, string>>];

type Passwords = Pick<SecretValues, 'databaseUrl' | 'postgresPassword' | 'redisPassword'>;

/**
 * The Secrets of what watches the stores. Their passwords follow from those of the stores, so that nobody has to keep
 * more of them; the other way leads nowhere (HMAC, RFC 2104), as long as those are random.
 */
export function derivedSecrets(service: Service, passwords: Passwords): readonly SecretRow[] {
  const { kind, grafana } = service.monitoring;
  // Where others run both stores, and someone else tells of them, someone else makes this one too.
  const any = passwords.postgresPassword ?? passwords.redisPassword ?? passwords.databaseUrl;
  return [
    ...exportersOf(service).map((exporter) => [exporter, EXPORTER_SECRETS[exporter](passwords)] as const),
    ...(kind === 'standalone' && grafana && any !== undefined
      ? [['grafana', { password: derived(any, 'grafana') }] as const]
      : []),
  ];
}

const EXPORTER_SECRETS: Readonly<Record<Exporter, (passwords: Passwords) => SecretRow[1]>> = {
  'postgres-exporter': ({ postgresPassword = '' }) => ({ password: derived(postgresPassword, 'postgres-exporter') }),
  'redis-exporter': ({ redisPassword = '' }) => {
    const password = derived(redisPassword, 'redis-exporter');
    return { password, 'passwords.json': JSON.stringify(passwordsByAddress(password), null, 2) };
  },
};

/** As the exporter of Redis looks them up: newer versions by the address with the account in it, older without. */
function passwordsByAddress(password: string): Readonly<Record<string, string>> {
  const addresses = redisTargets().flatMap(([, address]) => [
    address,
    address.replace('redis://', `redis://${EXPORTER_ACCOUNT}@`),
  ]);
  return Object.fromEntries(addresses.map((address) => [address, password]));
}

function derived(password: string, purpose: string): string {
  return createHmac('sha256', password).update(purpose).digest('base64url');
}
