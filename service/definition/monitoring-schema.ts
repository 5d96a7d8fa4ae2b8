import { z } from 'zod';
import { duration, image, interval, label, word } from './fields.ts';

const timing = z.strictObject({
  /** How long the first notification waits for others of its group. */
  groupWait: duration,
  /** How long until a group that changed is told again. */
  groupInterval: interval,
  /** How long until a group that did not change is told again. */
  repeatInterval: interval,
});

/** How the service is watched, and who is told. */
export const monitoringSchema = z.strictObject({
  /** `operator`: objects for the Prometheus operator; `standalone`: a Prometheus and Alertmanager of our own. */
  kind: word('operator', 'standalone'),
  /** What runs where monitoring is our own. */
  images: z.strictObject({ prometheus: image, alertmanager: image }),
  /**
   * The label `release` of the operator's objects. A Prometheus of kube-prometheus-stack looks at those alone that
   * carry the name of its Helm release, unless its selectors are opened; absent: no such label.
   */
  release: label.optional(),
  /** How often each gateway pod is scraped. */
  scrapeInterval: interval,
  /** How often rules are evaluated. */
  evaluationInterval: interval,
  /** After which a new pod is known as a target; the operator learns of it at once. */
  discoveryInterval: interval,
  /** Where alerts are sent: a webhook's URL. */
  receiver: z.url({ error: "a URL, such as 'http://pager.internal/alerts'", protocol: /^https?$/ }),
  /** When each severity is told; both go to the receiver, which sees from the name which it is. */
  notifications: z.strictObject({ page: timing, ticket: timing }),
});
