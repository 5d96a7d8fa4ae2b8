import { z } from 'zod';
import { count, duration, image, interval, label, text, word } from './fields.ts';

/** Addresses that no network hands to strangers. */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  'fc00::/7',
  '::1/128',
];

/** The guard: the program that withdraws a bad release. */
export const guardSchema = z
  .strictObject({
    /**
     * `act`: it withdraws a bad release; `dry-run`: it decides and records, and does nothing, until a day that must be
     * named; `off`: it does not run, and nothing judges a release.
     */
    mode: word('act', 'dry-run', 'off').default('act'),
    /** The last day of a dry run; `sluice check` fails after it. */
    until: text<string>(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, "a day, such as '2027-01-31'").optional(),
    /**
     * What runs; absent: the image of the release itself. One guard watches while the next one starts, and does not end
     * before that is Ready.
     */
    image: image.optional(),
    /** Pods, of which one leads and the others wait for its end. */
    replicas: count.default(2),
    /**
     * Who is told by the guard itself, past Prometheus and Alertmanager: of each decision, and when these are silent. A
     * receiver with a webhook. Absent: nobody, and then only the alerts tell.
     */
    receiver: label.optional(),
    /** Without a sign of life of Prometheus or Alertmanager for so long the guard tells its receiver. */
    silence: interval.default('2m'),
    /** An alert that began longer ago than this is not acted on. */
    alertAge: duration.default('10m'),
    /** From where alerts are taken, beside what the NetworkPolicy says. */
    sources: z
      .array(z.union([z.cidrv4(), z.cidrv6()], { error: "a CIDR block, such as '10.0.0.0/8'" }))
      .min(1, { error: 'at least one CIDR block' })
      .default(PRIVATE),
    /** Labels that a Prometheus adds to all its alerts (`external_labels`); one with any other is refused. */
    externalLabels: z
      .array(text<string>(/^[a-zA-Z_]\w*$/, "the name of a label, such as 'cluster'"))
      .default(['cluster', 'prometheus', 'prometheus_replica']),
  })
  .prefault({});
