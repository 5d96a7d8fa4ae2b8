import { readFileSync } from 'node:fs';
import { defineService } from './define-service.ts';
import { routes } from './routes.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/**
 * The one definition: the sample service that Sluice ships with.
 * Everything else (gateway, manifests, rules, dashboards, drills) is derived from it.
 */
export const definition = defineService({
  name: 'sluice',
  version,
  namespace: 'sluice',
  image: { repository: 'ghcr.io/sluice/sluice', pullPolicy: 'Always' },
  logLevel: 'info',
  gateway: {
    port: 8080,
    opsPort: 9464,
    workers: 2,
    cpuRequest: '500m',
    requestTimeout: '60s',
    streamTimeout: '120s',
    keepAlive: '65s',
    drainDelay: '5s',
    terminationGrace: '140s',
    maxBody: '1Mi',
    probes: {
      startup: { period: '1s', failures: 60 },
      readiness: { period: '5s', failures: 1 },
      liveness: { period: '10s', failures: 3 },
    },
    memory: { heap: '256Mi', cache: '64Mi', queues: '32Mi', primary: '96Mi', headroom: '64Mi', limit: '1Gi' },
  },
  balancer: { requestTimeout: '65s', idleTimeout: '60s' },
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
    keepAlive: '20s',
    serverKeepAlive: '60s',
  },
  limits: { address: '100/min', key: '60/min', trackedCallers: 10_000 },
  sessions: { lifetime: '24h' },
  stores: {
    backend: 'redis',
    redis: {
      image: 'redis:7-bookworm',
      maxClients: 1000,
      commandTimeout: '50ms',
      memory: '256Mi',
      evictionPolicy: 'noeviction',
      storage: '2Gi',
    },
  },
  datastores: {
    postgres: {
      image: 'postgres:15-bookworm',
      maxConnections: 100,
      reserved: 10,
      pools: { critical: 6, background: 4 },
      acquireTimeout: '5s',
      statementTimeout: '10s',
      memory: '512Mi',
      storage: '10Gi',
    },
  },
  scaling: { min: 2, max: 6, cpu: '65%', spreadDomains: 2 },
  rollout: { surge: 1, draining: 1, minReady: '20s', progressDeadline: '300s', deployAwait: '600s' },
  slo: { latency: '500ms', errors: '0.1%' },
  monitoring: { kind: 'operator', scrapeInterval: '15s', receiver: 'http://alerts.internal:8080/sluice' },
  drills: { enabled: false, schedule: '0 10 1 * *' },
  routes,
  environments: {
    dev: {
      namespace: 'sluice-dev',
      image: { pullPolicy: 'IfNotPresent' },
      gateway: {
        workers: 1,
        cpuRequest: '100m',
        memory: { heap: '128Mi', cache: '32Mi', queues: '16Mi', limit: '384Mi' },
      },
      stores: { redis: { maxClients: 100, memory: '64Mi', storage: '1Gi' } },
      datastores: { postgres: { memory: '256Mi', storage: '1Gi' } },
      scaling: { spreadDomains: 1 },
      rollout: { minReady: '5s' },
      monitoring: { kind: 'standalone' },
    },
    staging: {
      namespace: 'sluice-staging',
      drills: { enabled: true },
    },
    prod: {
      namespace: 'sluice-prod',
      upstream: { origin: 'http://search.internal:8081', deploy: false },
    },
  },
});
