import { describe, expect, test } from '@jest/globals';
import { checkedSynthesis } from '../../infra/checked-synthesis.ts';
import { definition, withValues, type EnvironmentName } from '../../service/definition/index.ts';

type Mistake = {
  readonly set: string;
  /** What the refusal must say of how to mend it. */
  readonly mended: string;
  readonly environment?: EnvironmentName;
};

/** What people write when they mean well, each in another field. */
const MISTAKES: readonly Mistake[] = [
  // Units and forms.
  { set: 'name=Orders_API', mended: 'lower-case letters, digits and dashes' },
  { set: 'namespace=orders.prod', mended: 'lower-case letters, digits and dashes' },
  { set: 'version=v1.4', mended: "such as '1.4.0'" },
  { set: 'image.repository=ghcr.io/acme/orders:latest', mended: "such as 'ghcr.io/acme/orders'" },
  { set: 'image.digest=sha256:abc', mended: '64 hexadecimal digits' },
  { set: 'image.pullPolicy=Never', mended: "'Always' or 'IfNotPresent'" },
  { set: 'logLevel=verbose', mended: "'debug' or 'info' or 'warn' or 'error'" },
  { set: 'gateway.requestTimeout=60', mended: "such as '250ms', '30s' or '5m'" },
  { set: 'gateway.memory.limit=1GB', mended: "such as '512Ki' or '256Mi'" },
  { set: 'gateway.cpuRequest=0.5', mended: "such as '500m'" },
  { set: 'gateway.port=80', mended: 'a port from 1024 to 65535' },
  { set: 'gateway.opsPort=8080', mended: 'another port than gateway.port' },
  { set: 'gateway.workers=0', mended: 'a whole number of at least 1' },
  { set: 'gateway.silence.unready=500ms', mended: 'at least 2s' },
  { set: 'gateway.silence.end=5s', mended: 'more than gateway.silence.unready' },
  { set: 'gateway.maxBody=10mb', mended: "such as '512Ki' or '256Mi'" },
  { set: 'limits.key=100/s/min', mended: "such as '100/min'" },
  { set: 'limits.mode=leased', mended: "'exact' or 'lease'" },
  { set: 'scaling.cpu=0.65', mended: "such as '65%'" },
  { set: 'scaling.max=2.5', mended: 'a whole number of at least 1' },
  { set: 'slo.errors=0.001', mended: "such as '0.1%'" },
  { set: 'upstream.origin=search.internal:8081', mended: "such as 'http://upstream:8081'" },
  { set: 'monitoring.receivers.team.webhook.url=alerts.internal', mended: "such as 'http://pager.internal/alerts'" },
  { set: 'monitoring.receiver=http://pager.internal', mended: 'receivers: { team: { webhook: { url:' },
  { set: 'monitoring.notifications.ticket.receiver=chat', mended: 'a receiver: team' },
  { set: 'monitoring.notifications.ticket.activeDuring=office', mended: 'a window: none is declared' },
  { set: 'monitoring.cluster.kubeStateMetrics=http://kube-state-metrics:8080', mended: 'a host and its port' },
  { set: 'ai.providers.openai.models.gpt-4o-mini.inputPrice=0,15', mended: 'US dollars for a million tokens' },
  { set: 'ai.providers.openai.models.gpt-4o-mini.outputPrice=-1', mended: '0 or more' },
  { set: 'ai.providers.openai.models.gpt-4o-mini.price=1', mended: 'known here: answer, as, cachedPrice' },
  { set: 'slo.latency=450ms', mended: 'slo.latency=500ms' },
  { set: 'monitoring.kind=prometheus', mended: "'operator' or 'standalone'" },
  { set: 'resilience.lanes.critical.upstream=0.8', mended: "from '1%' to '100%'" },
  { set: 'resilience.lanes.background.upstream=120%', mended: "from '1%' to '100%'" },
  { set: 'datastores.postgres.keysBelievedFor=15', mended: "such as '250ms', '30s' or '5m'" },
  { set: 'drills.schedule=monthly', mended: "such as '0 10 1 * *'" },
  { set: 'drills.timeZone=+01:00', mended: "such as 'Europe/Berlin'" },
  { set: 'drills.window=30s', mended: "at least '10m'" },
  { set: 'drills.budgetLeft=0.5', mended: "from '1%' to '100%'" },
  { set: 'drills.experiments=upstream-slow', mended: "such as ['upstream-slow']" },
  { set: 'stores.redis.kind=sentinel', mended: "'single' or 'replicated' or 'external'" },
  { set: 'stores.redis.replicas=2', mended: 'at least 3, so that with one lost the primary still has who follows it' },
  { set: 'stores.redis.sentinels=4', mended: 'an odd number of at least 3' },
  { set: 'stores.redis.cluster=true', mended: "stores.redis.kind 'external' beside it" },
  { set: 'stores.backend=valkey', mended: "'memory' or 'redis'" },
  { set: 'sessions.cookie=true', mended: "'none' or 'strict' or 'lax'" },
  { set: 'datastores.postgres.image=postgres', mended: "such as 'redis:7-bookworm'" },
  { set: 'routes.search.cacheFor=300', mended: "such as '250ms', '30s' or '5m'" },
  { set: 'routes.search.method=get', mended: "'GET' or 'POST'" },
  { set: 'datastores.postgres.kind=rds', mended: "'single' or 'external' or 'cloudnativepg'" },
  { set: 'datastores.postgres.externalTls=require', mended: "'system' or 'secret' or 'url'" },
  { set: 'datastores.postgres.cluster.instances=0', mended: 'a whole number of at least 1' },
  { set: 'datastores.postgres.cluster.objectStore.path=backups/orders', mended: "such as 's3://backups/orders'" },
  { set: 'datastores.postgres.pooler=pgbouncer', mended: 'object' },
  { set: 'datastores.postgres.pooler.recycle=30', mended: "such as '5s' or '1m'" },
  { set: 'datastores.postgres.pooler.image=pgbouncer', mended: "such as 'redis:7-bookworm'" },
  // Misspelt or misplaced fields.
  { set: 'scaling.maxReplicas=8', mended: 'a path of the definition' },
  { set: 'postgres.pools.critical=4', mended: 'perhaps datastores.postgres.pools.critical' },
  // Values that are right alone and wrong together.
  { set: 'scaling.min=9', mended: 'at most scaling.max, 6' },
  { set: 'upstream.attempts=3', mended: 'upstream.budget=' },
  { set: 'upstream.keepAlive=90s', mended: 'upstream.serverKeepAlive=' },
  { set: 'gateway.keepAlive=5s', mended: 'gateway.keepAlive=' },
  { set: 'gateway.terminationGrace=30s', mended: 'gateway.terminationGrace=' },
  { set: 'rollout.progressDeadline=600s', mended: 'rollout.' },
  { set: 'rollout.minReady=600s', mended: 'rollout.' },
  { set: 'datastores.postgres.overflow.critical=10', mended: 'datastores.postgres.maxConnections=' },
  {
    set: 'datastores.postgres.pooler.maxClientConnections=100',
    mended: 'datastores.postgres.pooler.maxClientConnections=120',
  },
  { set: 'datastores.postgres.pooler.connections.critical=30', mended: 'datastores.postgres.maxConnections=' },
  { set: 'datastores.postgres.pooler.poolMode=session', mended: 'a path of the definition' },
  { set: 'gateway.memory.heap=512Mi', mended: 'gateway.memory.limit=' },
  { set: 'scaling.spreadDomains=3', mended: 'scaling.min=3' },
  { set: 'release.watch=10s', mended: 'release.watch=' },
  { set: 'release.guard.mode=dry-run', mended: "the last day of release.guard.mode 'dry-run'" },
  { set: 'release.guard.until=2027-01-31', mended: "only 'dry-run' ends" },
  { set: 'release.guard.receiver=pager', mended: 'a receiver of monitoring.receivers with a webhook: team' },
  { set: 'monitoring.prometheusUrl=prometheus:9090', mended: "such as 'http://upstream:8081'" },
];

describe('a mistake that people make is refused at synthesis, with its path, its value and how to mend it', () => {
  test.each(MISTAKES)('$set', ({ set, mended, environment = 'prod' }) => {
    const separator = set.indexOf('=');
    const [path, value] = [set.slice(0, separator), set.slice(separator + 1)];
    let refusal = '';
    try {
      checkedSynthesis(withValues(definition[environment], [set]));
    } catch (error) {
      refusal = (error as Error).message;
    }
    expect(refusal).toContain(path.split('.', 1)[0]);
    expect(refusal).toContain(value.replace(/(Mi|s|m)$/, ''));
    expect(refusal).toContain(mended);
  });

  test('each in another field', () => {
    const paths = MISTAKES.map(({ set }) => set.slice(0, set.indexOf('=')));
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.length).toBeGreaterThanOrEqual(30);
  });
});
