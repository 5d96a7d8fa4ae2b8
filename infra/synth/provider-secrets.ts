import { PROVIDER_KEYS, providerKeysOf, type Service } from '../../service/definition/index.ts';

/** A sentence about the keys of model providers, with the command that makes their Secret; none without such keys. */
export function missingProviderKeys({ ai, namespace }: Pick<Service, 'ai' | 'namespace'>): readonly string[] {
  const keys = providerKeysOf(ai);
  if (keys.length === 0) return [];
  const literals = keys.map((key) => ` --from-literal=${key}=...`).join('');
  return [
    `the Secret ${PROVIDER_KEYS} is left out; a provider of models whose key it does not hold is asked nothing; make it ` +
      `with those that you have, and restart the gateway: kubectl --namespace=${namespace} create secret generic ` +
      `${PROVIDER_KEYS}${literals}`,
  ];
}
