import { readFileSync } from 'node:fs';
import { defineService } from './define-service.ts';
import { routes } from './routes.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** How requests come in where there is a cluster for it: Envoy Gateway, with a Gateway of our own. */
const ingress = {
  kind: 'gateway',
  class: 'envoy',
  className: 'eg',
  controllerNamespace: 'envoy-gateway-system',
  tls: { issuer: 'letsencrypt' },
} as const;

/** Where pods have their addresses, Envoy's among them; of those, the NetworkPolicy lets its namespace alone in. */
const trustedProxies = ['10.0.0.0/8'];

/** Limits where drills may be: the one key of a drill asks as often as many callers. */
const drilledLimits = {
  tiers: {
    drill: { limit: { bucket: { capacity: 100, refill: '60/s' } }, routes: { search: '60/s', chat: '5/s' } },
  },
} as const;

/** Prices as their providers list them for text, without discounts; what is paid is in the contract. */
const price = (inputPrice: number, outputPrice: number, cachedPrice = inputPrice) => ({
  inputPrice,
  cachedPrice,
  outputPrice,
});

/** The sample upstream as a provider: it answers for every name, and for those whose provider has no key here. */
const sampleProvider = {
  models: {
    sample: { requests: '100000/min', tokens: '1000000000/min', context: 128_000, ...price(0, 0) },
  },
  unlisted: { requests: '100/min', tokens: '500000/min', context: 128_000, ...price(0, 0) },
} as const;

/** What the breakers have in common. */
const breaker = {
  open: '10s',
  probes: 1,
  failureRate: '50%',
  slowRate: '80%',
  window: '10s',
  minimumCalls: 20,
} as const;

/**
 * The one definition: the sample service that Sluice ships with.
 * Everything else (gateway, manifests, rules, dashboards, drills) is derived from it.
 */
export const definition = defineService({
  name: 'sluice',
  version,
  namespace: 'sluice',
  image: { repository: 'ghcr.io/sluice/sluice', pullPolicy: 'Always' },
  images: 'tag',
  priorityClass: 'platform',
  quota: {
    cpu: { requests: '16000m', limits: '80000m' },
    memory: { requests: '32Gi', limits: '32Gi' },
    ephemeralStorage: { requests: '8Gi', limits: '64Gi' },
    pods: 50,
    volumes: 10,
    storage: '100Gi',
  },
  logLevel: 'info',
  gateway: {
    port: 8080,
    opsPort: 9464,
    workers: 2,
    listener: 'http',
    cpuRequest: '500m',
    requestTimeout: '60s',
    streamTimeout: '120s',
    keepAlive: '65s',
    drainDelay: '5s',
    terminationGrace: '140s',
    trustedProxies: [],
    maxBody: '1Mi',
    probes: {
      startup: { period: '1s', failures: 60 },
      readiness: { period: '5s', failures: 1 },
      liveness: { period: '10s', failures: 3 },
    },
    memory: {
      heap: '256Mi',
      semiSpace: '16Mi',
      cache: '64Mi',
      queues: '32Mi',
      tokens: '64Mi',
      primary: '96Mi',
      headroom: '64Mi',
      limit: '1152Mi',
    },
  },
  balancer: { requestTimeout: '65s', idleTimeout: '60s' },
  ingress: { kind: 'none' },
  upstream: {
    origin: 'http://upstream:8081',
    deploy: true,
    port: 8081,
    budget: '30s',
    attempts: 2,
    attemptTimeout: '12s',
    backoff: '2s',
    connectTimeout: '5s',
    connections: 100,
    keptAlive: 20,
    // More than a worker of the smallest pod may hold as streams: the next is to be refused, not to wait.
    streamConnections: 250,
    retryBudget: '20%',
    keepAlive: '20s',
    serverKeepAlive: '60s',
  },
  limits: {
    address: { window: '100/min', adaptive: { min: '50/min', max: '200/min' } },
    key: '60/min',
    global: { bucket: { capacity: 1000, refill: '100/s' } },
    tiers: {
      free: { limit: { bucket: { capacity: 10, refill: '1/s' } } },
      pro: { limit: { bucket: { capacity: 100, refill: '10/s' } } },
      enterprise: { limit: { bucket: { capacity: 1000, refill: '100/s' } } },
    },
    trackedCallers: 10_000,
    logUpTo: 200,
    mode: 'exact',
    lease: { tokens: 100, lifetime: '1s', hotFrom: 50 },
  },
  ai: {
    providers: {
      openai: {
        baseUrl: 'https://api.openai.com/v1',
        key: 'OPENAI_API_KEY',
        models: {
          'gpt-4o-mini': {
            requests: '500/min',
            tokens: '1000000/min',
            context: 128_000,
            answer: 16_384,
            ...price(0.15, 0.6, 0.075),
          },
        },
      },
      deepseek: {
        baseUrl: 'https://api.deepseek.com/v1',
        key: 'DEEPSEEK_API_KEY',
        models: {
          'deepseek-chat': {
            requests: '60/min',
            tokens: '1000000/min',
            context: 128_000,
            answer: 8_192,
            ...price(0.28, 0.42, 0.028),
          },
          'deepseek-coder': {
            requests: '30/min',
            tokens: '500000/min',
            context: 128_000,
            answer: 8_192,
            ...price(0.14, 0.28, 0.014),
          },
        },
      },
    },
  },
  cache: {
    lifetime: '1h',
    negative: '5s',
    stale: '60s',
    maxEntry: '1Mi',
    maxVariants: 16,
    fetchLease: '5s',
    maxStaleness: '30s',
    warmUp: { paths: [], every: '1h', concurrency: 4 },
    earlyRefresh: 1,
  },
  resilience: {
    maxInFlight: 200,
    maxStreams: 200,
    lanes: {
      critical: { concurrency: 160, upstream: '80%', queue: 180, drop: 'newest', maxWait: '5s' },
      background: { concurrency: 40, upstream: '75%', queue: 40, drop: 'oldest', maxWait: '5s' },
    },
    concurrency: 'adaptive',
    minConcurrency: 20,
    breakers: {
      upstream: { ...breaker, consecutiveFailures: 3, slowCall: '10s' },
      // Answers of models are long; how late the first token of one is, its provider's own bound tells.
      model: { ...breaker, consecutiveFailures: 3, slowCall: '40s' },
      payment: { ...breaker, consecutiveFailures: 3, slowCall: '5s' },
      redis: { ...breaker, consecutiveFailures: 1, open: '200ms', slowCall: '50ms' },
      postgres: { ...breaker, consecutiveFailures: 5, open: '2s', slowCall: '5s' },
    },
  },
  sessions: { lifetime: '24h', renewal: 'fixed', maxLifetime: '7d', cookie: 'none' },
  stores: {
    backend: 'redis',
    redis: {
      kind: 'replicated',
      image: 'redis:7-bookworm',
      commandTimeout: '50ms',
      state: { maxClients: 1000, memory: '256Mi', evictionPolicy: 'noeviction', storage: '2Gi' },
      // Whatever is cached has an end; the journal of what is void has none, and so is never what makes room.
      cache: { maxClients: 1000, memory: '256Mi', evictionPolicy: 'volatile-lru' },
    },
  },
  datastores: {
    postgres: {
      image: 'postgres:15-bookworm',
      // Most pods are there at once when a release is withdrawn at the peak; no pool of theirs is cut for that minute.
      maxConnections: 120,
      reserved: 10,
      pools: { critical: 4, background: 2 },
      overflow: { critical: 2, background: 1 },
      acquireTimeout: '30s',
      recycle: '1h',
      statementTimeout: '10s',
      memory: '512Mi',
      storage: '10Gi',
      backup: { schedule: '0 3 * * *', keep: 14, storage: '20Gi' },
    },
  },
  scaling: { min: 2, max: 6, cpu: '65%', scaleDownAfter: '5m', spreadDomains: 2 },
  rollout: { surge: 1, draining: 1, minReady: '20s', progressDeadline: '300s', deployAwait: '600s' },
  slo: { latency: '500ms', errors: '0.1%' },
  // The bench's open loop holds one gateway at 500/s through the proxy; hits of the cache go far beyond.
  load: { lowest: '4/s', peak: '100/s', perPod: '500/s' },
  release: {
    window: '30s',
    for: '10s',
    groupWait: '0s',
    delivery: '1s',
    minimumSample: 100,
    probes: '5/s',
    detectionDeadline: '60s',
    restoreDeadline: '120s',
    restoreSurge: 3,
    timeToReady: '20s',
    baseline: 1,
  },
  monitoring: {
    kind: 'operator',
    images: { prometheus: 'prom/prometheus:v2.42.0', alertmanager: 'prom/alertmanager:v0.25.0' },
    scrapeInterval: '5s',
    evaluationInterval: '5s',
    discoveryInterval: '5s',
    receivers: { team: { webhook: { url: 'http://alerts.internal:8080/sluice' } } },
    notifications: {
      page: { groupWait: '10s', groupInterval: '1m', repeatInterval: '1h' },
      ticket: { groupWait: '1m', groupInterval: '10m', repeatInterval: '24h' },
    },
  },
  drills: { enabled: false, schedule: '0 10 1 * *' },
  routes,
  environments: {
    dev: {
      namespace: 'sluice-dev',
      image: { pullPolicy: 'IfNotPresent' },
      priorityClass: 'none',
      quota: {
        cpu: { requests: '4000m', limits: '60000m' },
        memory: { requests: '13Gi', limits: '13Gi' },
        storage: '10Gi',
      },
      gateway: {
        workers: 1,
        cpuRequest: '100m',
        memory: { heap: '128Mi', cache: '32Mi', queues: '16Mi', limit: '448Mi' },
      },
      stores: {
        redis: {
          kind: 'single',
          state: { maxClients: 100, memory: '64Mi', storage: '1Gi' },
          cache: { maxClients: 100, memory: '64Mi' },
        },
      },
      datastores: { postgres: { memory: '256Mi', storage: '1Gi', backup: { storage: '1Gi' } } },
      scaling: { spreadDomains: 1 },
      rollout: { minReady: '5s' },
      limits: drilledLimits,
      ai: { providers: { sample: sampleProvider } },
      load: { lowest: '1/min' },
      // Short rollouts and nobody there: only probes fill the sample.
      release: { probes: '20/s' },
      monitoring: { kind: 'standalone', storage: { kept: false } },
    },
    staging: {
      namespace: 'sluice-staging',
      ingress: { ...ingress, host: 'sluice.staging.example.com' },
      gateway: { trustedProxies },
      limits: drilledLimits,
      ai: { providers: { sample: sampleProvider } },
      drills: { enabled: true },
    },
    prod: {
      namespace: 'sluice-prod',
      ingress: { ...ingress, host: 'sluice.example.com' },
      gateway: { trustedProxies },
      upstream: { origin: 'http://search.internal:8081', deploy: false },
      // Five callers of the largest tier at once.
      limits: { global: { bucket: { capacity: 5000, refill: '500/s' } } },
      load: { peak: '500/s' },
    },
  },
});
