import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { journalStore, type Done, type JournalStore, type Wish } from '../../chaos/drill/cluster/journal/index.ts';
import { connect } from '../../chaos/drill/cluster/kubernetes.ts';
import { placeAt } from '../../chaos/drill/cluster/place.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { buildImage } from './images.ts';
import { kubectl, list, type Pod } from './kubectl.ts';
import { poll } from './poll.ts';

const BEAT_MS = 2_000;
const INJECTED_MS = 150_000;
const REVERTED_MS = 120_000;

const FAULTS: readonly Wish['fault'][] = [
  { kind: 'kill-pod', component: 'gateway' },
  { kind: 'evict-pods', component: 'gateway' },
  { kind: 'proxy', on: 'upstream', fault: { kind: 'latency', latency: '500ms' } },
  { kind: 'proxy', on: 'redis-cache', fault: { kind: 'black-hole' } },
  { kind: 'proxy', on: 'postgres', fault: { kind: 'latency', latency: '100ms' } },
  { kind: 'scale-away', component: 'redis-cache' },
  { kind: 'scale-away', component: 'alertmanager' },
  { kind: 'bad-release', bad: 'latency' },
];

describeOnCluster('an environment that is drilled', () => {
  // One node may have other environments.
  const environment = new Environment({ values: ['drills.enabled=true', 'gateway.cpuRequest=20m'] });
  const { namespace } = environment;
  let store: JournalStore;
  let beating: NodeJS.Timeout | undefined;

  beforeAll(async () => {
    await environment.install(buildImage('d811001'));
    const config = new KubeConfig();
    config.loadFromDefault();
    store = journalStore(placeAt(connect(config), namespace));
  }, 400_000);
  afterAll(async () => {
    clearInterval(beating);
    await environment.remove();
  });

  test('scrapes its keeper, which tells of every ending from the start', async () => {
    await poll(60_000, async () => {
      const up = await environment.query('up{job="drill-keeper"}');
      const endings = await environment.query('gateway_drill_runs_total{job="drill-keeper"}');
      expect(up.map(({ value: [, value] }) => value)).toEqual(['1']);
      expect(endings.map(({ metric, value: [, value] }) => `${metric.result} ${value}`).sort()).toEqual([
        'aborted 0',
        'failed 0',
        'passed 0',
        'refused 0',
      ]);
    });
  }, 90_000);

  test('has a runner that may look at everything that it asks before it begins', async () => {
    const log = await ended('--dry-run');

    expect(log).toContain('pod-kill would touch:');
    expect(log).not.toMatch(/forbidden|may not/i);
  }, 240_000);

  test.each(FAULTS)(
    'has a keeper whose account may inject and take back %j',
    async (fault) => {
      await beat();
      const id = `wish-${randomBytes(4).toString('hex')}`;
      const wish: Wish = { id, experiment: 'tested', fault, ttl: 300_000, requestedBy: 'a test' };
      await store.change((journal) => ({ ...journal, wanted: [...journal.wanted, wish] }));
      const done = await poll(INJECTED_MS, async () => {
        const found = await findDone(id);
        if (found?.state === 'injected' || found?.failed !== undefined) return found;
        throw new Error(`${id} is ${found?.state ?? 'not begun'}\n${await said()}`);
      });
      expect([done.state, done.failed]).toEqual(['injected', undefined]);

      await store.change((journal) => ({ ...journal, wanted: journal.wanted.filter((each) => each.id !== id) }));
      await poll(REVERTED_MS, async () => {
        const found = await findDone(id);
        if (found && found.state !== 'over') throw new Error(`${id} is ${found.state}\n${await said()}`);
      });
      await environment.allReady();
      expect(await list<Pod>(namespace, 'pods', 'app.kubernetes.io/component=drill-proxy')).toEqual([]);
    },
    600_000,
  );

  /** Gives signs of life in the place of a runner. */
  async function beat(): Promise<void> {
    if (beating !== undefined) return;
    const id = 'a-runner';
    await store.change((journal) => ({ ...journal, runner: { id, by: 'a test', beat: 0, experiment: 'tested' } }));
    beating = setInterval(() => {
      void store
        .change((journal) =>
          journal.runner ? { ...journal, runner: { ...journal.runner, beat: journal.runner.beat + 1 } } : journal,
        )
        .catch(() => undefined);
    }, BEAT_MS);
  }

  async function findDone(id: string): Promise<Done | undefined> {
    return (await store.read()).journal.done.find((each) => each.id === id);
  }

  /** What the keeper said last. */
  function said(): Promise<string> {
    return kubectl(namespace, ['logs', 'deployment/drill-keeper', '--tail=20']);
  }

  /** What a Job of the CronJob says that has one more argument, once it is over. */
  async function ended(argument: string): Promise<string> {
    const args = ['create', 'job', '--from=cronjob/drill', 'drill-tested', '--dry-run=client', '--output=json'];
    const job = JSON.parse(await kubectl(namespace, args)) as {
      spec: { template: { spec: { containers: [{ command: string[] }] } } };
    };
    job.spec.template.spec.containers[0].command.push(argument, '--by=a test');
    await kubectl(namespace, ['create', '-f', '-'], JSON.stringify(job));
    await poll(180_000, async () => {
      const [pod] = await list<Pod>(namespace, 'pods', 'batch.kubernetes.io/job-name=drill-tested');
      if (!/^(Succeeded|Failed)$/.test(pod?.status.phase ?? '')) throw new Error(`${pod?.status.phase}`);
    });
    return kubectl(namespace, ['logs', 'job/drill-tested']);
  }
});
