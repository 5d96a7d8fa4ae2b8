import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AlertId } from '../../alerts/index.ts';
import { METRICS, RECORDED, select, type Metric } from '../../service/telemetry/catalogue.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { buildImage } from './images.ts';
import { kubectl, list, readyGateways, type Pod } from './kubectl.ts';
import { addHangingGateway, Receiver, type Posted } from './pods.ts';
import { poll } from './poll.ts';

const WATCHED_MS = 90_000;

/** Ends every process that the gateway's first one has started, as a crash of the workers does. */
const KILL_WORKERS = `
  const { readdirSync, readFileSync } = require('node:fs');
  for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name)))
    if (/^PPid:\\s1$/m.test(readFileSync('/proc/' + pid + '/status', 'utf8'))) process.kill(Number(pid), 'SIGKILL');
`;

type Told = Posted['body']['alerts'][number];
type Rules = {
  readonly groups: readonly {
    readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
  }[];
};

describeOnCluster('monitoring of an own', () => {
  const receiver = new Receiver('alert-receiver');
  const environment = new Environment({
    values: [
      ...['scrapeInterval', 'evaluationInterval', 'discoveryInterval'].map((each) => `monitoring.${each}=2s`),
      `monitoring.receivers.team.webhook.url=${receiver.url}`,
      'monitoring.notifications.watchdog.receiver=team',
      ...['groupWait=0s', 'groupInterval=2s'].map((each) => `monitoring.notifications.ticket.${each}`),
    ],
  });
  const image = buildImageOnce();

  beforeAll(async () => {
    await environment.install(image());
    await receiver.install(environment.namespace, image());
  }, 300_000);
  afterAll(() => environment.remove());

  const told = async (id: AlertId): Promise<Told> => {
    const all = (await receiver.posted(environment.namespace)).flatMap(({ body }) => body.alerts);
    const found = all.find(({ labels, status }) => labels.alertname === id && status === 'firing');
    if (!found) throw new Error(`nobody was told of ${id}, but of ${all.map(({ labels }) => labels.alertname).join()}`);
    return found;
  };
  /** The values of a query by a label of theirs, sorted by it. */
  const valuesBy = async (label: string, promql: string): Promise<readonly (readonly [string, string])[]> =>
    (await environment.query(promql))
      .map(({ metric, value: [, value] }) => [metric[label] ?? '', value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const addressesUp = (pods: readonly Pod[]) =>
    pods.map(({ status }) => [status.podIP ?? '', '1'] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const gatewaysUp = select(METRICS.up, { job: 'gateway' });

  test('scrapes every pod of the gateway, and whoever watches the stores', async () => {
    const pods = await readyGateways(environment.namespace);
    expect(pods.length).toBeGreaterThanOrEqual(2);
    await poll(WATCHED_MS, async () => {
      expect(await valuesBy('pod', gatewaysUp)).toEqual(addressesUp(pods));
      expect(await valuesBy('job', `sum by (job) (${select(METRICS.up, { job: '!=gateway' })})`)).toEqual([
        ['postgres-exporter', '1'],
        ['redis-exporter', '2'],
      ]);
    });
  }, 120_000);

  test('knows of which release each pod is', async () => {
    type Labelled = { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
    const pods = await list<Labelled>(environment.namespace, 'pods', 'app.kubernetes.io/name=gateway');
    const hashes = [...new Set(pods.map(({ metadata }) => metadata.labels['pod-template-hash'] ?? ''))];

    expect(await valuesBy('pod_template_hash', `group by (pod_template_hash) (${METRICS.buildInfo.name})`)).toEqual(
      hashes.map((hash) => [hash, '1']),
    );
  });

  test('finds the pods that are added', async () => {
    await kubectl(environment.namespace, ['scale', 'deployment/gateway', '--replicas=3']);
    await poll(WATCHED_MS, async () => {
      const pods = await readyGateways(environment.namespace);
      expect(pods).toHaveLength(3);
      expect(await valuesBy('pod', `${gatewaysUp} == 1`)).toEqual(addressesUp(pods));
    });
  }, 120_000);

  test('records and judges without an error, and its heartbeat arrives', async () => {
    await poll(WATCHED_MS, async () => {
      const path = `/api/v1/namespaces/${environment.namespace}/services/prometheus:http/proxy/api/v1/rules`;
      const { data } = JSON.parse(await kubectl(environment.namespace, ['get', '--raw', path])) as { data: Rules };
      const rules = data.groups.flatMap((group) => group.rules);
      // The slowest rules are due after two minutes; until then nobody knows their health.
      expect(rules.filter(({ health }) => health === 'err')).toEqual([]);
      expect(rules.find(({ name }) => name === RECORDED.badShare5m.name)).toMatchObject({ health: 'ok' });
      expect(await told('Watchdog')).toMatchObject({ labels: { namespace: environment.namespace, severity: 'none' } });
    });
  }, 120_000);

  test('tells of a pod whose workers keep crashing', async () => {
    const [pod] = await readyGateways(environment.namespace);
    if (!pod) throw new Error('there is no gateway');
    const { name } = pod.metadata;
    const tells = async ({ name: metric }: Metric): Promise<number> =>
      Number(new RegExp(`^${metric}(?:\\{.*\\})? (\\d+)$`, 'm').exec(await environment.metrics(name))?.[1]);
    for (let crashes = 1; crashes <= 3; crashes++) {
      await poll(WATCHED_MS, async () => expect(await tells(METRICS.workers)).toBeGreaterThan(0));
      await kubectl(environment.namespace, ['exec', name, '--', 'node', '-e', KILL_WORKERS]);
      await poll(WATCHED_MS, async () => expect(await tells(METRICS.workerRestarts)).toBeGreaterThanOrEqual(crashes));
    }

    expect((await poll(WATCHED_MS, () => told('WorkersRestart'))).labels).toMatchObject({
      namespace: environment.namespace,
      severity: 'ticket',
      team: 'service',
    });
  }, 240_000);

  test('sees a pod that answers no scrape, waits whether it goes on, and forgets a pod that is gone', async () => {
    const pending = select(METRICS.alerts, { alertname: 'GatewayScrapesFail', alertstate: 'pending' });
    await addHangingGateway(environment.namespace, 'gateway-hangs', image());
    await poll(WATCHED_MS, async () => {
      expect(await valuesBy('namespace', pending)).toEqual([[environment.namespace, '1']]);
    });
    const hanging = await kubectl(environment.namespace, [
      'get',
      'pod',
      'gateway-hangs',
      '-o=jsonpath={.status.podIP}',
    ]);
    expect(await valuesBy('pod', `${gatewaysUp} == 0`)).toEqual([[hanging, '0']]);

    await kubectl(environment.namespace, ['delete', 'pod', 'gateway-hangs', '--wait=true']);
    await poll(WATCHED_MS, async () => {
      expect(await valuesBy('pod', `${gatewaysUp} == 0`)).toEqual([]);
      expect(await valuesBy('namespace', pending)).toEqual([]);
    });
  }, 240_000);
});

/** The image of this project, built when it is first asked for: not where there is no cluster. */
function buildImageOnce(): () => ReturnType<typeof buildImage> {
  let built: ReturnType<typeof buildImage> | undefined;
  return () => (built ??= buildImage('0b5e77e'));
}
