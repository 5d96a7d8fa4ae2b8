import { z } from 'zod';
import { label, text } from './fields.ts';

/** Where programs find the files of Secrets: in a folder for each Secret, a file for each of its keys. */
export const SECRETS_FOLDER = '/run/secrets';

/** Something secret by where it is kept: the definition, which anybody may read, never says what it is. */
export const secretReference = z.strictObject(
  {
    /** Name of a Secret in the namespace of the environment. */
    secret: label,
    /** One of its keys. */
    key: text<string>(/^[\w.-]{1,253}$/, "a key of the Secret, such as 'token'"),
  },
  { error: "where a Secret keeps it, such as { secret: 'pager', key: 'token' }: nothing secret stands here itself" },
);

/** A key of a Secret. */
export type SecretReference = z.output<typeof secretReference>;

/** The file in which a program finds a key of a Secret that is mounted into its pod. */
export function secretFile({ secret, key }: SecretReference): string {
  return `${SECRETS_FOLDER}/${secret}/${key}`;
}
