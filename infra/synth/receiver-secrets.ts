import { guardSecrets, notificationSecrets, type Service } from '../../service/definition/index.ts';

/**
 * A sentence for each Secret that the receivers of alerts and of the guard need, with the command that makes it: nobody but whoever runs
 * a receiver has what belongs into it.
 */
export function missingReceiverSecrets(service: Service): readonly string[] {
  const { monitoring, namespace, release } = service;
  const needed = [
    ...notificationSecrets(monitoring),
    ...guardSecrets(service).map((reference) => ({ ...reference, receiver: release.guard.receiver })),
  ];
  const bySecret = Map.groupBy(needed, ({ secret }) => secret);
  return [...bySecret].map(([secret, references]) => {
    const receivers = [...new Set(references.map(({ receiver }) => receiver))].join(' and ');
    const keys = new Set(references.map(({ key }) => key));
    const literals = [...keys].map((key) => ` --from-literal=${key}=...`).join('');
    return (
      `the Secret ${secret} is left out, without which ${receivers} cannot be told of alerts; make it: ` +
      `kubectl --namespace=${namespace} create secret generic ${secret}${literals}`
    );
  });
}
