import { z } from 'zod';
import { aiSchema } from './ai-schema.ts';
import { cacheSchema } from './cache-schema.ts';
import { drillsSchema } from './drills-schema.ts';
import { bytes, count, cpu, duration, jsonSchema, label, origin, port, ratio, text, word } from './fields.ts';
import { ingressSchema } from './ingress-schema.ts';
import { limitSchema, limitsSchema } from './limits-schema.ts';
import { loadSchema } from './load-schema.ts';
import { monitoringSchema } from './monitoring-schema.ts';
import { postgresSchema } from './postgres-schema.ts';
import { quotaSchema } from './quota-schema.ts';
import { redisSchema } from './redis-schema.ts';
import { releaseSchema } from './release-schema.ts';
import { resilienceSchema } from './resilience-schema.ts';
import { sloSchema } from './slo-schema.ts';
import { telemetrySchema } from './telemetry-schema.ts';

/** The environments that a definition must give values for. */
export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

/** The isolation units: each route runs in one, with connection pools of its own. */
export const LANES = ['critical', 'background'] as const;

const probe = z.strictObject({
  /** Time between two probes. */
  period: duration,
  /** Failures in a row before the probe counts as failed. */
  failures: count,
});

const route = z.strictObject({
  method: word('GET', 'POST', 'PATCH', 'DELETE'),
  /** Path template; a parameter is a whole segment in braces, `/orders/{id}`. */
  path: text<string>(/^(\/([\w.-]+|\{\w+\}))+$/, "a path template, such as '/orders/{id}'"),
  lane: word(...LANES),
  /** From the request's last header to the answer's first byte. */
  timeout: duration,
  /** Whether the handler calls the upstream: what it waits for must then end before the route does. */
  upstream: z.boolean().optional(),
  /** `required`: a key or a session must be shown; `optional`: one that is shown must be right. */
  auth: word('optional', 'required').default('optional'),
  /** A limit of this route alone, per caller, beside the limits of every request. */
  limit: limitSchema.optional(),
  /** Requests of one caller on this route that may be in flight at once. */
  concurrency: count.optional(),
  /** `false` exempts the route from every limit. */
  limited: z.boolean().default(true),
  /** Whether its answer may be a stream, which lasts up to `gateway.streamTimeout`. */
  streams: z.boolean().optional(),
  /** In which shape it tells what is wrong: `openai`: as clients of OpenAI's interface read it; else problem+json. */
  errors: word('problem', 'openai').default('problem'),
  /** How long a 200 answer is kept for every caller; absent: never. Jitter takes off up to 10 %. */
  cacheFor: duration.optional(),
  /** Names under which the kept answers of this route can be forgotten together. */
  tags: z.array(label).default([]),
  /** The query parameters: a JSON Schema of an object of strings. Absent: none is looked at. */
  query: jsonSchema.optional(),
  /** The body: a JSON Schema. Absent: the route takes no body. */
  body: jsonSchema.optional(),
});

/** The shape of one environment of a service; the type and the validation are this one source. */
export const serviceSchema = z.strictObject({
  /** Name of the service: part of every object's name and label. */
  name: label,
  /** Version of the release, part of the image's tag. */
  version: text<string>(/^\d+\.\d+\.\d+(-[\w.]+)?$/, "a semantic version, such as '1.4.0'"),
  /** Kubernetes namespace that holds everything of this environment. */
  namespace: label,
  image: z.strictObject({
    /** Registry and repository, without tag. */
    repository: text<string>(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/, "a repository, such as 'ghcr.io/acme/orders'"),
    /** Digest that is deployed; absent: the tag is `version-commit`. */
    digest: text<string>(/^sha256:[0-9a-f]{64}$/, "'sha256:' and 64 hexadecimal digits").optional(),
    /** When a node asks the registry; `Always` suits tags, `IfNotPresent` images loaded onto the node. */
    pullPolicy: word('Always', 'IfNotPresent'),
  }),
  /**
   * How images are named: `digest`: each by what it holds, so that nobody who can write to a registry changes what
   * runs; `tag`: by its name alone is enough.
   */
  images: word('digest', 'tag'),
  /**
   * Which PriorityClass pods name: `platform`: those that the platform program makes; `none`, for a cluster without
   * them, which would refuse such pods.
   */
  priorityClass: word('none', 'platform'),
  quota: quotaSchema,
  logLevel: word('debug', 'info', 'warn', 'error'),
  gateway: z.strictObject({
    port,
    opsPort: port,
    /** Worker processes in one pod. */
    workers: count,
    /**
     * What reads requests: `http`, Node's own server; `fast`: answers kept in memory are written without it, and
     * everything else is handed to it. Both give the same answers.
     */
    listener: word('http', 'fast').default('http'),
    cpuRequest: cpu,
    /** The longest any request may take, and the longest a client may take to send one. */
    requestTimeout: duration,
    /** The longest a streamed answer may last. */
    streamTimeout: duration,
    /** How long an idle connection of a client is kept. */
    keepAlive: duration,
    /** From the termination signal to the closing of listeners: time for balancers to look away. */
    drainDelay: duration,
    /** What Kubernetes grants from the termination signal to the kill. */
    terminationGrace: duration,
    /** Addresses or CIDR blocks of the proxies in front, whose X-Forwarded-For is believed; of nobody else. */
    trustedProxies: z.array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
        error: "an address or CIDR block, such as '10.0.0.0/8'",
      }),
    ),
    /** Largest request body; larger ones answer 413. */
    maxBody: bytes,
    probes: z.strictObject({ startup: probe, readiness: probe, liveness: probe }),
    /** A worker that its primary has not heard of for so long stands still; it tells that it lives twice a second. */
    silence: z
      .strictObject({
        /** From when on the pod is not ready, because this worker answers nobody. */
        unready: duration.default('5s'),
        /** From when on the worker is ended and replaced. */
        end: duration.default('15s'),
      })
      .prefault({}),
    memory: z.strictObject({
      /** Heap limit of one worker, without new objects: `--max-old-space-size`. */
      heap: bytes,
      /**
       * One of the three areas for new objects of a worker: `--max-semi-space-size`. Small ones are collected often.
       */
      semiSpace: bytes,
      /** In-memory cache of one worker. */
      cache: bytes,
      /** Requests and answers in flight in one worker. */
      queues: bytes,
      /** The thread of one worker that counts tokens where a provider tells none, while it has something to count. */
      tokens: bytes,
      /** The primary process: metrics, ops port, local stores. */
      primary: bytes,
      /** What stays free below the limit. */
      headroom: bytes,
      /** The container's memory limit. */
      limit: bytes,
    }),
  }),
  /**
   * What the balancer in front of the gateway does. The ladders are checked against it, and the manifests of a class
   * that we know say the same; of another class, or without ingress, it is a fact.
   */
  balancer: z.strictObject({ requestTimeout: duration, idleTimeout: duration }),
  ingress: ingressSchema,
  upstream: z.strictObject({
    /** Where the sample upstream is reached. */
    origin,
    /** Whether this environment deploys the sample upstream itself. */
    deploy: z.boolean(),
    port,
    /** Time for all attempts of one request and the waits between them. */
    budget: duration,
    /** Tries of an idempotent request; others are tried once. */
    attempts: count,
    attemptTimeout: duration,
    /** The longest wait between two attempts; the actual one is random below it. */
    backoff: duration,
    connectTimeout: duration,
    /** Connections of one worker and lane. */
    connections: count,
    /** Of them, those that are kept when idle. */
    keptAlive: count,
    /** Connections of one worker for streams. */
    streamConnections: count,
    /** Retries, as a share of the requests of the last ten seconds; beyond it nothing is tried again. */
    retryBudget: ratio,
    /** How long the gateway keeps an idle connection to the upstream. */
    keepAlive: duration,
    /** How long the upstream keeps an idle connection. */
    serverKeepAlive: duration,
  }),
  limits: limitsSchema,
  ai: aiSchema,
  cache: cacheSchema,
  resilience: resilienceSchema,
  sessions: z.strictObject({
    /** From log-in, or with `sliding` from the last use, to the end. */
    lifetime: duration,
    /** Whether using a session lengthens it. */
    renewal: word('fixed', 'sliding'),
    /** The longest a sliding session lives, however often it is used. */
    maxLifetime: duration,
    /** Whether a log-in also sets a cookie; `none`: the token is in the body alone. */
    cookie: word('none', 'strict', 'lax'),
  }),
  stores: z.strictObject({
    /** Where cache, limits and sessions live: in the pod, or in Redis for all pods. */
    backend: word('memory', 'redis'),
    redis: redisSchema,
  }),
  datastores: z.strictObject({ postgres: postgresSchema }),
  scaling: z.strictObject({
    min: count,
    max: count,
    /** Average processor use, of the request, that the autoscaler aims at. */
    cpu: ratio,
    /** How long fewer pods must have been enough before one is taken away, and then one a minute. */
    scaleDownAfter: duration,
    /** Failure domains (zones) that pods are spread over. */
    spreadDomains: count,
  }),
  rollout: z.strictObject({
    /** Pods above the wanted number while rolling. */
    surge: count,
    /** Pods of the old version that still finish requests while new ones start. */
    draining: count,
    /** How long a pod must stay Ready before it counts as available. */
    minReady: duration,
    /** After which a rollout that does not move counts as failed. */
    progressDeadline: duration,
    /** How long a deploy waits for the rollout. */
    deployAwait: duration,
  }),
  slo: sloSchema,
  load: loadSchema,
  release: releaseSchema,
  monitoring: monitoringSchema,
  telemetry: telemetrySchema,
  drills: drillsSchema,
  routes: z.record(z.string().regex(/^[a-z][a-zA-Z]*$/), route, { error: 'routes by their handler, at least one' }),
});

/** The values of one environment as written. */
export type ServiceInput = z.input<typeof serviceSchema>;

/** The values of one environment, validated and complete with defaults; frozen. */
export type ServiceValues = z.output<typeof serviceSchema>;

/** One route of the service. */
export type Route = ServiceValues['routes'][string];

/** One isolation unit. */
export type Lane = (typeof LANES)[number];

/** Name of an environment. */
export type EnvironmentName = (typeof ENVIRONMENTS)[number];
