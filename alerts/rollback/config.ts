import { z } from 'zod';
import { duration, label, origin, port, text, word } from '../../service/definition/fields.ts';
import {
  DefinitionError,
  formatDuration,
  prometheusUrl,
  secretFile,
  toMilliseconds,
  type Service,
} from '../../service/definition/index.ts';
import { releaseSchema } from '../../service/definition/release-schema.ts';

const file = text<string>(/^\/\S+$/, "the path of a file, such as '/run/secrets/pager/token'");

const guardConfigSchema = z.strictObject({
  /** Name of the service. */
  name: label,
  /** Everything that the guard sees and changes is in it. */
  namespace: label,
  release: releaseSchema,
  gateway: z.strictObject({ port }),
  /** Where the recorded figures are. */
  prometheusUrl: origin,
  /** A figure that was recorded longer ago is none. */
  freshFor: duration,
  /** The guard's own receiver; absent: nobody is told past Prometheus and Alertmanager. */
  receiver: z
    .strictObject({
      /** Where it is; absent: `urlFile` says it. */
      url: z.url({ error: "a URL, such as 'http://pager.internal/alerts'", protocol: /^https?$/ }).optional(),
      urlFile: file.optional(),
      /** Holds what is sent as `Authorization: Bearer`; absent: nothing is. */
      tokenFile: file.optional(),
    })
    .optional(),
  logLevel: word('debug', 'info', 'warn', 'error'),
});

/**
 * What the guard is told of the definition. Nothing in it changes with a release, neither version nor image: the guard
 * that watches a release is not replaced by it.
 */
export type GuardConfig = z.output<typeof guardConfigSchema>;

const EXPECTED = /^Invalid input: expected /;

// Of what is recorded at intervals, one may be missed.
const INTERVALS_MISSED = 2;

/** The part of an environment's definition that its guard is told, as JSON in a file. */
export function guardConfigOf(service: Service): GuardConfig {
  const { name, namespace, release, gateway, monitoring, logLevel } = service;
  const slower = Math.max(toMilliseconds(monitoring.scrapeInterval), toMilliseconds(monitoring.evaluationInterval));
  const receiver = receiverOf(service);
  return {
    name,
    namespace,
    release: { ...release, guard: { ...release.guard, image: undefined } },
    gateway: { port: gateway.port },
    prometheusUrl: prometheusUrl(service),
    freshFor: formatDuration(INTERVALS_MISSED * slower),
    ...(receiver && { receiver }),
    logLevel,
  };
}

/** Validates what stands in the file. Throws a DefinitionError that lists every wrong value. */
export function parseGuardConfig(written: unknown): GuardConfig {
  const parsed = guardConfigSchema.safeParse(written);
  if (parsed.success) return parsed.data;
  throw new DefinitionError(
    parsed.error.issues.flatMap((issue) => {
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      const right = issue.code === 'unrecognized_keys' ? 'a known field' : issue.message.replace(EXPECTED, '');
      return paths.map((path) => ({ path: path.join('.') || 'everything', value: valueAt(written, path), right }));
    }),
  );
}

/** Where the guard's receiver is, by the files of its Secrets where the definition names these. */
function receiverOf({ release, monitoring }: Service): GuardConfig['receiver'] {
  const webhook = monitoring.receivers[release.guard.receiver ?? '']?.webhook;
  if (!webhook) return undefined;
  const { url, urlFrom, token } = webhook;
  return {
    ...(url !== undefined && { url }),
    ...(urlFrom && { urlFile: secretFile(urlFrom) }),
    ...(token && { tokenFile: secretFile(token) }),
  };
}

/** A wrong object is not repeated: what is wrong about it is which fields it has, and those the message names. */
function valueAt(written: unknown, path: readonly PropertyKey[]): unknown {
  const value = path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    written,
  );
  return typeof value === 'object' && value !== null ? '...' : value;
}
