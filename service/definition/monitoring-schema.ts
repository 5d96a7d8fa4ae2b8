import { z } from 'zod';
import { clusterMonitoringSchema } from './cluster-monitoring-schema.ts';
import { bytes, image, interval, label, origin, text, word } from './fields.ts';
import { notificationsSchema } from './notifications-schema.ts';
import { receiverSchema } from './receivers-schema.ts';

const exporter = (name: string, command: string) =>
  z
    .strictObject({
      image: image.default(name),
      /** The program in the image. */
      command: text<string>(/^\/\S+$/, "the path of a program, such as '/redis_exporter'").default(command),
    })
    .prefault({});

/** The Grafana that runs where nobody names another. */
export const GRAFANA_IMAGE = 'grafana/grafana:11.6.0';

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
  cluster: clusterMonitoringSchema,
  /**
   * Where the guard asks the Prometheus of the cluster's operator; absent: the Service that the operator makes in the
   * namespace `monitoring`. Without meaning where monitoring is our own.
   */
  prometheusUrl: origin.optional(),
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
  grafana: z.strictObject({ image: image.default(GRAFANA_IMAGE) }).optional(),
  /**
   * The label `release` of the operator's objects. A Prometheus of kube-prometheus-stack looks at those alone that
   * carry the name of its Helm release, unless its selectors are opened; absent: no such label.
   */
  release: label.optional(),
  /** Where Grafana is reached, so that alerts link to their dashboards; absent: they have no such link. */
  dashboardUrl: z.url({ error: "a URL, such as 'https://grafana.example.com'", protocol: /^https?$/ }).optional(),
  /** Where the runbook is read; alerts link to their section of it. */
  runbookUrl: text<string>(
    /^[^\s#]+$/,
    "a URL or path without '#', such as 'https://wiki.example.com/runbook'",
  ).default('alerts/RUNBOOK.md'),
  /** How often each gateway pod is scraped. */
  scrapeInterval: interval,
  /** How often rules are evaluated. */
  evaluationInterval: interval,
  /** After which a new pod is known as a target; the operator learns of it at once. */
  discoveryInterval: interval,
  /** Who can be told, by name. */
  receivers: z.record(label, receiverSchema).prefault({}),
  /** Who is told of what, and when. */
  notifications: notificationsSchema,
  /** Never there: it was the URL of all alerts, and a definition that still has it is told what to write. */
  receiver: z
    .undefined({
      error: ({ input }) =>
        `absent, with the receivers by name instead: receivers: { team: { webhook: { url: '${String(input)}' } } }`,
    })
    .optional(),
});
