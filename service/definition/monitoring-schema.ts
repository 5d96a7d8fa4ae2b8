import { z } from 'zod';
import { bytes, duration, image, interval, label, text, word } from './fields.ts';

const timing = z.strictObject({
  /** How long the first notification waits for others of its group. */
  groupWait: duration,
  /** How long until a group that changed is told again. */
  groupInterval: interval,
  /** How long until a group that did not change is told again. */
  repeatInterval: interval,
});

const exporter = (name: string, command: string) =>
  z
    .strictObject({
      image: image.default(name),
      /** The program in the image. */
      command: text<string>(/^\/\S+$/, "the path of a program, such as '/redis_exporter'").default(command),
    })
    .prefault({});

/** How the service is watched, and who is told. */
export const monitoringSchema = z.strictObject({
  /** `operator`: objects for the Prometheus operator; `standalone`: a Prometheus and Alertmanager of our own. */
  kind: word('operator', 'standalone'),
  /** What runs where monitoring is our own. */
  images: z.strictObject({ prometheus: image, alertmanager: image }),
  /** What tells of Redis and Postgres, where they run in this environment; the versions are those that tests run. */
  exporters: z
    .strictObject({
      redis: exporter('oliver006/redis_exporter:v1.45.0', '/redis_exporter'),
      postgres: exporter('quay.io/prometheuscommunity/postgres-exporter:v0.11.1', '/bin/postgres_exporter'),
    })
    .prefault({}),
  /** What Prometheus, Alertmanager and Grafana write to, where monitoring is our own. */
  storage: z
    .strictObject({
      /** Whether it outlives the pods, on volumes; else a new pod knows nothing of yesterday. */
      kept: z.boolean().default(true),
      /** Seven tenths are filled; then the oldest goes. */
      prometheus: bytes.default('20Gi'),
      /** Silences, and who was told what. */
      alertmanager: bytes.default('1Gi'),
      /** Accounts and preferences; dashboards come from the definition. */
      grafana: bytes.default('1Gi'),
    })
    .prefault({}),
  /**
   * Grafana with the dashboards, where monitoring is our own; absent: none. The Secret `grafana` tells the password of
   * its account `admin`.
   */
  grafana: z.strictObject({ image: image.default('grafana/grafana:11.6.0') }).optional(),
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
