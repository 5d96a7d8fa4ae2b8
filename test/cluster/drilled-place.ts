import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import {
  journalStore,
  type Done,
  type Journal,
  type JournalStore,
  type Wish,
} from '../../chaos/drill/cluster/journal/index.ts';
import { connect } from '../../chaos/drill/cluster/kubernetes.ts';
import { DRILL } from '../../chaos/drill/cluster/names.ts';
import { placeAt, type Place } from '../../chaos/drill/cluster/place.ts';
import { definition, withValues, type Service } from '../../service/definition/index.ts';
import { PROJECT } from '../support/serve.ts';
import type { Image } from './images.ts';
import { kubectl } from './kubectl.ts';
import { poll } from './poll.ts';
import { gateway, namespaceObjects, redis, upstream } from './plain-workloads.ts';

const KEY = randomBytes(32).toString('hex');

/** A namespace with plain workloads of the names that drills look for, and a keeper that runs beside the test. */
export class DrilledPlace {
  readonly namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
  readonly service: Service;
  readonly place: Place;
  readonly store: JournalStore;
  port = 0;
  private keeper: ChildProcess | undefined;
  private beating: NodeJS.Timeout | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'sluice-drilled-'));
  private said = '';

  constructor() {
    this.service = withValues(definition.dev, [`namespace=${this.namespace}`, 'drills.enabled=true']);
    const config = new KubeConfig();
    config.loadFromDefault();
    this.place = placeAt(connect(config), this.namespace);
    this.store = journalStore(this.place);
    writeFileSync(join(this.folder, 'service.json'), JSON.stringify(this.service));
  }

  /** Makes everything, and waits until all of it is Ready. */
  async install(image: Image): Promise<void> {
    const { namespace } = this;
    await kubectl(namespace, ['create', 'namespace', namespace]);
    const objects = [...namespaceObjects(image, KEY), ...redis('redis'), ...upstream(image), ...gateway(this.service)];
    const lines = objects.map((object) => JSON.stringify(object)).join('\n');
    await kubectl(namespace, ['apply', '--server-side', '-f', '-'], lines);
    for (const name of ['redis', 'upstream', 'gateway'])
      await kubectl(namespace, ['rollout', 'status', `deployment/${name}`, '--timeout=120s']);
  }

  /** Starts a keeper and waits until it is ready. */
  async startKeeper(): Promise<void> {
    this.port ||= await freePort();
    const child = spawn(process.execPath, ['chaos/drill/cluster/keeper/main.ts'], {
      cwd: PROJECT,
      env: {
        ...process.env,
        SLUICE_DEFINITION: join(this.folder, 'service.json'),
        DRILL_KEY: KEY,
        POD_NAME: `keeper-${randomBytes(3).toString('hex')}`,
        HOST: '127.0.0.1',
        PORT: `${this.port}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.keeper = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    await poll(40_000, async () => {
      if (child.exitCode !== null) throw new Error(`the keeper ended: ${this.said}`);
      const { status } = await this.ask('/readyz');
      if (status !== 200) throw new Error(`the keeper is not ready: ${status}`);
    });
  }

  /** Ends the keeper: as a loss of power, or in order. */
  async endKeeper(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { keeper } = this;
    if (keeper?.exitCode !== null || keeper.signalCode !== null) return;
    const ended = once(keeper, 'exit');
    keeper.kill(signal);
    await ended;
  }

  /** Asks the keeper. */
  async ask(path: string, init: RequestInit = {}): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  /** Pulls the kill switch over HTTP. */
  stop(key = KEY): Promise<{ readonly status: number; readonly text: string }> {
    return this.ask('/stop', { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  }

  /** Begins to drill: claims the journal, and gives signs of life until it is ended. */
  async beginRunner(experiment = 'tested'): Promise<void> {
    const id = `runner-${randomBytes(3).toString('hex')}`;
    await this.store.change(({ stopped: _, ...journal }) => ({
      ...journal,
      runner: { id, by: 'a test', beat: 0, experiment },
    }));
    const beat = (journal: Journal): Journal =>
      journal.runner?.id === id
        ? { ...journal, runner: { ...journal.runner, beat: journal.runner.beat + 1 } }
        : journal;
    this.beating = setInterval(() => void this.store.change(beat).catch(() => undefined), 2_000);
  }

  /** Gives no sign of life any more, as a runner that was killed. */
  killRunner(): void {
    clearInterval(this.beating);
  }

  /** Wishes a fault; its id. */
  async wish(fault: Wish['fault'], ttl = 300_000): Promise<string> {
    const id = `wish-${randomBytes(4).toString('hex')}`;
    const wish = { id, experiment: 'tested', fault, ttl, requestedBy: 'a test' };
    await this.store.change((journal) => ({ ...journal, wanted: [...journal.wanted, wish] }));
    return id;
  }

  /** Wishes a fault and waits until it is there. Rejects with why it cannot be. */
  async inject(fault: Wish['fault'], ttl?: number): Promise<string> {
    const id = await this.wish(fault, ttl);
    const done = await poll(120_000, async () => {
      const found = await this.done(id);
      if (found?.state !== 'injected' && found?.failed === undefined)
        throw new Error(`${id} is ${found?.state ?? 'not begun'}\n${this.said.slice(-2_000)}`);
      return found;
    });
    if (done.failed !== undefined) throw new Error(done.failed);
    return id;
  }

  /** Wishes a fault no more. */
  async drop(id: string): Promise<void> {
    await this.store.change((journal) => ({ ...journal, wanted: journal.wanted.filter((wish) => wish.id !== id) }));
  }

  /** What was done by a wish. */
  async done(id: string): Promise<Done | undefined> {
    return (await this.store.read()).journal.done.find((each) => each.id === id);
  }

  /** Waits until no fault is there any more. */
  async untilReverted(within = 60_000): Promise<void> {
    await poll(within, async () => {
      const { done } = (await this.store.read()).journal;
      const open = done.filter(({ state }) => state !== 'over');
      if (open.length > 0)
        throw new Error(`${open.map(({ id, state }) => `${id} is ${state}`).join()}\n${this.said.slice(-2_000)}`);
    });
  }

  /** Ends everything and deletes the namespace. */
  async remove(): Promise<void> {
    this.killRunner();
    await this.endKeeper('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
    await kubectl(this.namespace, ['delete', 'namespace', this.namespace, '--ignore-not-found', '--wait=false']);
  }

  /** Empties the journal between two tests. */
  async clear(): Promise<void> {
    this.killRunner();
    await kubectl(this.namespace, ['patch', 'configmap', DRILL.journal, '--type=merge', '--patch={"data":null}']);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
