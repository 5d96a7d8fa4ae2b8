import { notificationSecrets, type Service } from '../../service/definition/index.ts';

/**
 * A sentence for each Secret that the receivers of alerts need, with the command that makes it: nobody but whoever runs
 * a receiver has what belongs into it.
 */
export function missingReceiverSecrets({ monitoring, namespace }: Service): readonly string[] {
  const bySecret = Map.groupBy(notificationSecrets(monitoring), ({ secret }) => secret);
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
