import { z } from 'zod';
import { text } from './fields.ts';
import { secretReference } from './secret-reference.ts';

const url = z.url({ error: "a URL, such as 'http://pager.internal/alerts'", protocol: /^https?$/ });

const tcpPort = z
  .int({ error: 'a port from 1 to 65535' })
  .min(1, { error: 'a port from 1 to 65535' })
  .max(65_535, { error: 'a port from 1 to 65535' });

const ADDRESS = String.raw`[^\s@,<>]+@[^\s@,<>]+`;

const addresses = text<string>(
  new RegExp(`^${ADDRESS}(, ?${ADDRESS})*$`),
  "an address, such as 'on-call@example.com', or several with commas between them",
);

/** Any program that takes Alertmanager's JSON by POST. */
const webhook = z.strictObject({
  /** Where it is, when that is no secret. */
  url: url.optional(),
  /** Where it is, when whoever knows the URL may use it. In standalone this needs an Alertmanager of 0.26 or later. */
  urlFrom: secretReference.optional(),
  /** The port of that URL, for the NetworkPolicy; absent: 443. */
  port: tcpPort.optional(),
  /** Sent as `Authorization: Bearer`. */
  token: secretReference.optional(),
});

const email = z.strictObject({
  to: addresses,
  from: addresses,
  /** The server that takes the mail: host and port. */
  smarthost: text<string>(/^[\w.-]+:\d{1,5}$/, "host and port of a mail server, such as 'smtp.example.com:587'"),
  /** Who sends, to a server that asks; with `password`. */
  username: z.string().min(1).optional(),
  password: secretReference.optional(),
  /** Whether nothing is sent to a server that does not encrypt. */
  tls: z.boolean().default(true),
});

/** A channel of Slack, or of another program that takes the same messages. */
const slack = z.strictObject({
  /** The URL of the incoming webhook; whoever knows it may write. */
  urlFrom: secretReference,
  /** Its port, for the NetworkPolicy; absent: 443. */
  port: tcpPort.optional(),
  channel: text<string>(/^[#@]?[^\s#@]+$/, "a channel or a person, such as '#alerts'"),
});

const pagerduty = z.strictObject({
  /** The integration key of a service, for Events API v2. */
  routingKey: secretReference,
  /** Where events are taken; in Europe https://events.eu.pagerduty.com/v2/enqueue. */
  url: url.default('https://events.pagerduty.com/v2/enqueue'),
});

/** Somebody who is told, in one or more ways at once. */
export const receiverSchema = z.strictObject({
  webhook: webhook.optional(),
  email: email.optional(),
  slack: slack.optional(),
  pagerduty: pagerduty.optional(),
});

/** Somebody who is told, in one or more ways at once. */
export type Receiver = z.output<typeof receiverSchema>;
