import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ALLOWED_LABEL } from '../../chaos/drill/cluster/names.ts';
import { METRICS, select } from '../../service/telemetry/catalogue.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { complaints, DrilledEnvironment, outcomes } from './drilled.ts';
import { buildImage } from './images.ts';
import { kubectl } from './kubectl.ts';
import { poll } from './poll.ts';

/** In the order in which a drill runs them. */
const REHEARSED = [
  'redis-frozen',
  'postgres-lost',
  'pod-kill',
  'node-drain',
  'bad-release-errors',
  'bad-release-latency',
] as const;

/** Of a release, from its first pod on: the guard's window, and what follows from it. */
const SETTLED_MS = 240_000;

describeOnCluster('a drill in a cluster', () => {
  const drilled = new DrilledEnvironment([`drills.experiments=${JSON.stringify(REHEARSED)}`]);
  const { namespace, place } = drilled;

  beforeAll(async () => {
    await drilled.install(buildImage('d811222'));
  }, 600_000);
  afterAll(() => drilled.remove());

  const isReleased = () =>
    poll(SETTLED_MS, async () => expect((await drilled.state()).phase).toMatch(/^(idle|done)$/));

  test('says what it would touch and what stands in its way, and touches nothing', async () => {
    const { exit, lines } = await drilled.drill(undefined, { dryRun: true });

    const said = lines.join('\n');
    expect(exit).toBe(2);
    expect(said).toMatch(/no-open-release.* watching /);
    for (const id of REHEARSED) expect(said).toContain(`${id} would touch:`);
    expect(said).toContain('Service redis in');
    expect((await drilled.store.read()).journal).toMatchObject({ wanted: [], done: [] });
  }, 120_000);

  test('is refused in a namespace that nobody allows to be drilled', async () => {
    await isReleased();
    await kubectl(namespace, ['label', 'namespace', namespace, `${ALLOWED_LABEL.key}-`]);

    const { exit, lines } = await drilled.drill('pod-kill');

    await kubectl(namespace, ['label', 'namespace', namespace, `${ALLOWED_LABEL.key}=${ALLOWED_LABEL.value}`]);
    expect(exit).toBe(2);
    expect(lines.join('\n')).toContain('namespace-allowed');
    expect(await drilled.drills.reports()).toEqual([]);
  }, 400_000);

  test('that is killed half-way leaves no fault', async () => {
    const following = drilled.drill('redis-lost').catch(() => undefined);
    await poll(120_000, async () => expect(await drilled.faults()).toEqual([expect.stringContaining('injected')]));
    const pods = await place.list('Pod', { 'app.kubernetes.io/name': 'drill' });
    const killedAt = performance.now();
    for (const { metadata } of pods)
      await kubectl(namespace, ['delete', 'pod', metadata.name, '--grace-period=0', '--force']);

    await poll(90_000, async () => expect(await drilled.faults()).toEqual([]));
    process.stderr.write(`taken back ${Math.round((performance.now() - killedAt) / 1000)} s after the kill\n`);
    await kubectl(namespace, ['rollout', 'status', 'statefulset/redis', '--timeout=90s']);
    await following;
  }, 400_000);

  test('is ended by the kill switch, and its fault is taken back before that returns', async () => {
    const following = drilled.drill('redis-lost');
    await poll(120_000, async () => expect(await drilled.faults()).toEqual([expect.stringContaining('injected')]));
    const second = await drilled.drill('pod-kill');
    const lines: string[] = [];
    await drilled.drills.stop({ onLine: (line) => lines.push(line) });

    expect(await drilled.faults()).toEqual([]);
    expect(lines.at(-1)).toBe('every fault is taken back');
    expect((await following).exit).toBe(3);
    // There is one drill at a time.
    expect(second).toMatchObject({ exit: 2, lines: expect.arrayContaining([expect.stringContaining('redis-lost already')]) });
    expect((await drilled.report('redis-lost')).verdict).toBe('aborted');
    await kubectl(namespace, ['rollout', 'status', 'statefulset/redis', '--timeout=90s']);
  }, 500_000);

  test('runs what the definition names one after the other, and each report holds the whole chain', async () => {
    const { exit, lines } = await drilled.drill();
    process.stderr.write(`${lines.join('\n')}\n`);

    for (const id of REHEARSED) {
      const run = await drilled.report(id);
      expect(`${id}: ${run.verdict}\n${complaints(run)}`).toContain(`${id}: passed`);
    }
    expect(exit).toBe(0);
    expect(outcomes(await drilled.report('redis-frozen'))).toMatchObject({
      'breaker-opens': 'held',
      'breaker-told': 'held',
      'breaker-closes': 'held',
      'steady-after': 'held',
      'lost-critical': 'held',
      reverted: 'held',
    });
    for (const id of ['pod-kill', 'node-drain'])
      expect(outcomes(await drilled.report(id))).toMatchObject({ 'pods-ready': 'held', 'lost-critical': 'held' });
    expect(outcomes(await drilled.report('postgres-lost'))).toMatchObject({ 'breaker-opens': 'held', 'down-told': 'held' });
    for (const id of ['bad-release-errors', 'bad-release-latency'])
      expect(outcomes(await drilled.report(id))).toMatchObject({
        'release-told': 'held',
        'guard-restores': 'held',
        'restored-told': 'held',
        'pods-ready': 'held',
      });
    expect((await drilled.store.read()).journal.lastSuccess).toBeGreaterThan(0);
    await poll(60_000, async () => {
      const [last] = await drilled.query(select(METRICS.drillLastSuccess));
      expect(Number(last?.value[1])).toBeGreaterThan(0);
    });
    // Keys and users of drills are gone.
    expect((await drilled.sql("SELECT count(*) FROM users WHERE username LIKE 'drill-%'")).trim()).toBe('0');
  }, 3_600_000);
});
