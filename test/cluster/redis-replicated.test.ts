import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hashPassword } from '../../service/app/password.ts';
import { describeOnCluster } from './describe-on-cluster.ts';
import { Environment } from './environment.ts';
import { evict } from './evict.ts';
import { buildImage, type Image } from './images.ts';
import { kubectl, list, type Pod } from './kubectl.ts';
import { send, startLoad, type LoadResult, type Reply } from './load.ts';
import { poll } from './poll.ts';

/** What is promised is that limits and sessions go on within 20 s; twice that on a busy machine. */
const FAILOVER_MS = 40_000;
/** A pod that ends hands over first; it may wait for an answer of each Sentinel a few times. */
const HAND_OVER_MS = 60_000;
const REQUESTS_PER_SECOND = 10;
const KEYS = 40;
const USER = { username: 'carol', password: 'correct horse battery staple' };

describeOnCluster('with Redis in several pods', () => {
  const environment = new Environment({
    values: [
      'stores.redis.kind=single',
      // What is looked at is the state, not how many requests a machine of two cores can take.
      ...['limits.key=100000/min', 'routes.search.limit=100000/min', 'scaling.max=2'],
    ],
  });
  const { namespace } = environment;
  let image: Image;
  let keys: readonly string[] = [];
  let session: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    image = buildImage('eeeeeee');
    await environment.install(image);
    keys = await environment.addKeys(KEYS);
    const hash = await hashPassword(USER.password);
    await environment.sql(`INSERT INTO users (username, password_hash) VALUES ('${USER.username}', '${hash}')`);
    session = await poll(FAILOVER_MS, logIn);
    await fromSingle();
  });
  afterAll(() => environment.remove());

  /** From one pod to several as `docs/gateway.md` tells those who apply by hand. */
  async function fromSingle(): Promise<void> {
    const several = ['stores.redis.kind=replicated'];
    await expect(environment.change(image, several)).rejects.toThrow(/statefulset[^]*forbidden|immutable/i);
    await kubectl(namespace, ['delete', 'service/redis', 'statefulset/redis']);
    await environment.change(image, []);
    await whole();
  }

  async function logIn(): Promise<Readonly<Record<string, string>>> {
    const reply = await send(`${environment.origin}/login`, { method: 'POST', body: USER });
    expect(reply.status).toBe(200);
    return { authorization: `Bearer ${(JSON.parse(reply.body) as { token: string }).token}` };
  }

  const readSession = (): Promise<Reply> => send(`${environment.origin}/session`, { headers: session });

  /** What most Sentinels call the primary, as a pod sees it; one that ends takes no commands any more. */
  async function primary(from = 'redis-0'): Promise<string> {
    const script = '. /etc/redis/primary.sh; primary';
    const name = (await kubectl(namespace, ['exec', from, '--', 'sh', '-c', script])).trim();
    expect(name).toMatch(/^redis-\d\.redis$/);
    return name.replace(/\..*/, '');
  }

  function info(pod: string, section: string): Promise<string> {
    const command = `REDISCLI_AUTH="$(cat /run/secrets/redis/password)" redis-cli info ${section}`;
    return kubectl(namespace, ['exec', pod, '--', 'sh', '-c', command]);
  }

  /** The primary has the others behind it, and each of them is Ready. */
  async function whole(pods = 3): Promise<void> {
    await environment.allReady();
    await poll(60_000, async () => {
      expect(await info(await primary(), 'replication')).toContain(`connected_slaves:${pods - 1}`);
    });
  }

  /** Makes a pod the primary that the Sentinels would otherwise take by chance. */
  async function failOverTo(pod: string): Promise<void> {
    const shell = (command: string) =>
      kubectl(namespace, ['exec', pod, '--', 'sh', '-c', `. /etc/redis/primary.sh; ${command}`]);
    const sentinel = 'redis-sentinel-0.redis-sentinel';
    await shell('redis-cli config set replica-priority 1');
    await poll(30_000, async () => {
      const replicas = await shell(`ask ${sentinel} replicas state`);
      expect(replicas).toMatch(new RegExp(`^${pod}\\.redis$[^]*?^slave-priority\\n1$`, 'm'));
    });
    await shell(`ask ${sentinel} failover state`);
    await poll(HAND_OVER_MS, async () => expect(await primary()).toBe(pod));
  }

  async function podsOf(program: string): Promise<string[]> {
    const pods = await list<Pod>(namespace, 'pods', `app.kubernetes.io/name=${program}`);
    return pods.map(({ metadata }) => metadata.name);
  }

  /** Sends requests that count in Redis while something happens, and a while longer. */
  async function during(what: string, disturb: () => Promise<void>): Promise<LoadResult> {
    const load = startLoad({
      perSecond: REQUESTS_PER_SECOND,
      next: (n) => ({
        url: `${environment.origin}/v1/search?q=${what}-${Math.floor(n / 5)}`,
        options: { headers: { authorization: `Bearer ${keys[n % keys.length] ?? ''}` } },
      }),
      isCorrect: ({ status }) => status === 200,
    });
    try {
      await disturb();
    } catch (error) {
      await load.stop();
      throw error;
    }
    const result = await load.stop();
    const { sent, rawFailures, lost } = result;
    process.stderr.write(`${what}: ${sent} requests, ${rawFailures.length} failed once, ${lost.length} lost\n`);
    for (const failure of rawFailures.slice(0, 3)) process.stderr.write(`${what}: failed once: ${failure}\n`);
    return result;
  }

  /** How long it takes until a session can be made and the one from before is read. */
  async function untilSessionsGoOn(limitMs: number): Promise<number> {
    const startedAt = performance.now();
    await poll(limitMs, async () => {
      expect((await readSession()).status).toBe(200);
      await logIn();
    });
    return performance.now() - startedAt;
  }

  /** One gateway may have read the session already while another is still on its way to the next primary. */
  async function signedInStill(): Promise<void> {
    await poll(FAILOVER_MS, async () => expect((await readSession()).status).toBe(200));
  }

  test('what one pod held is there in several: one is the primary, which the others follow, and every gateway counts there', async () => {
    await whole();
    await signedInStill();
    expect(await info(await primary(), 'keyspace')).toMatch(/db0:keys=[1-9]/);
  });

  test('a primary that is deleted hands over: nothing is lost, and who was signed in still is', async () => {
    await whole();
    const old = await primary();
    const another = old === 'redis-0' ? 'redis-1' : 'redis-0';
    const { lost } = await during('hand-over', async () => {
      const deleted = kubectl(namespace, ['delete', 'pod', old]);
      await poll(HAND_OVER_MS, async () => expect(await primary(another)).not.toBe(old));
      const ms = await untilSessionsGoOn(FAILOVER_MS);
      process.stderr.write(`hand-over: sessions after ${Math.round(ms)} ms\n`);
      await deleted;
    });
    expect(lost.slice(0, 5)).toEqual([]);
    await signedInStill();
  });

  test('a primary that is gone without a word is replaced: nothing is lost, and who was signed in still is', async () => {
    await whole();
    const old = await primary();
    const { lost } = await during('kill', async () => {
      await kubectl(namespace, ['delete', 'pod', old, '--grace-period=0', '--force']);
      const ms = await untilSessionsGoOn(FAILOVER_MS);
      process.stderr.write(`kill: sessions after ${Math.round(ms)} ms\n`);
    });
    expect(lost.slice(0, 5)).toEqual([]);
    await whole();
    await signedInStill();
  });

  test('Sentinels that all start anew know the primary that they had', async () => {
    await whole();
    const old = await primary();
    await kubectl(namespace, ['delete', 'pod', '--selector=app.kubernetes.io/name=redis-sentinel', '--wait=true']);
    await whole();
    expect(await primary()).toBe(old);
    await signedInStill();
  });

  test('every pod is evicted as from nodes that are drained one after the other: nothing is lost', async () => {
    await whole();
    let refusals = 0;
    const evictOnceAllowed = (pod: string) =>
      poll(90_000, async () => {
        const answer = await evict(namespace, pod);
        if (answer === 'refused') refusals++;
        expect(answer).toBe('evicted');
      });
    const { lost } = await during('eviction', async () => {
      for (const place of [0, 1, 2])
        await Promise.all(['redis', 'redis-sentinel'].map((program) => evictOnceAllowed(`${program}-${place}`)));
      await whole();
      await untilSessionsGoOn(FAILOVER_MS);
    });
    expect(refusals).toBeGreaterThan(0);
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test('a setting that changes goes from pod to pod: nothing is lost, and who was signed in still is', async () => {
    await whole();
    const { lost } = await during('roll', async () => {
      await environment.change(image, ['stores.redis.state.memory=72Mi']);
      await kubectl(namespace, ['rollout', 'status', 'statefulset/redis', '--timeout=240s']);
      await untilSessionsGoOn(FAILOVER_MS);
    });
    for (const pod of await podsOf('redis')) expect(await info(pod, 'memory')).toContain(`maxmemory:${72 * 2 ** 20}`);
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test('one more pod follows, and goes again, also where it is the primary', async () => {
    await environment.change(image, ['stores.redis.replicas=4']);
    await whole(4);
    await failOverTo('redis-3');
    const { lost } = await during('fewer', async () => {
      await environment.change(image, ['stores.redis.replicas=3']);
      // It goes when another has taken its place, at the latest when its grace is over.
      await poll(90_000, async () => expect(await podsOf('redis')).toHaveLength(3));
      await untilSessionsGoOn(FAILOVER_MS);
    });
    expect(lost.slice(0, 5)).toEqual([]);
    await whole();
  });

  test('all that holds and chooses is gone at once: who was signed in still is when it is back', async () => {
    await whole();
    const pods = [...(await podsOf('redis')), ...(await podsOf('redis-sentinel'))];
    const { lost } = await during('all-gone', async () => {
      await kubectl(namespace, ['delete', 'pods', ...pods, '--grace-period=0', '--force']);
      const ms = await untilSessionsGoOn(2 * FAILOVER_MS);
      process.stderr.write(`all gone: sessions after ${Math.round(ms)} ms\n`);
    });
    expect(lost.slice(0, 5)).toEqual([]);
    await whole();
  });
});
