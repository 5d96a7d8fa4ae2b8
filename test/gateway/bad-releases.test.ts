import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CHANGES,
  failing,
  good,
  neverReady,
  readyWhileKnown,
  RELEASE_HEADER,
  SHARES,
  slow,
  SLOW_MS,
  type Change,
} from '../cluster/bad-releases.ts';
import { startAnsweringUpstream } from '../support/answering-upstream.ts';
import { ask } from '../support/gateway.ts';
import { startProgram, timed, type GatewayProgramOptions } from '../support/program.ts';
import { PROJECT } from '../support/serve.ts';

const REQUESTS = 200;
const VALUES = ['limits.address=10000/min', 'routes.search.limit=10000/min'];

const atEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

/** The sources, changed, with whatever they need. */
function changed(change: Change): string {
  const project = mkdtempSync(join(tmpdir(), 'sluice-release-'));
  atEnd.push(() => rmSync(project, { recursive: true }));
  for (const path of ['service', 'package.json']) cpSync(join(PROJECT, path), join(project, path), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
  change(project);
  return project;
}

/** The program of changed sources, and what it answers to many different searches. */
async function run(change: Change, options: GatewayProgramOptions = {}) {
  const upstream = await startAnsweringUpstream();
  atEnd.push(() => upstream.close());
  const program = await startProgram({
    project: changed(change),
    values: VALUES,
    variables: { UPSTREAM_ORIGIN: upstream.origin, SLUICE_COMMIT: 'abc1234' },
    ...options,
  });
  atEnd.push(() => program.stop());
  const search = (n: number) => timed(() => ask(program.port, 'GET', `/v1/search?q=word${n}`));
  return Promise.all(Array.from({ length: REQUESTS }, (_, n) => search(n)));
}

const named = (answers: Awaited<ReturnType<typeof run>>) =>
  new Set(answers.map(({ headers }) => headers[RELEASE_HEADER]));

describe('of a release made for tests', () => {
  test.each(Object.entries(CHANGES))('the change %s finds its place', (_, change) => {
    expect(() => changed(change)).not.toThrow();
  });

  test('a change that does not find its place says which', () => {
    expect(() =>
      changed((project) => {
        const worker = join(project, 'service/gateway/processes/worker.ts');
        writeFileSync(worker, readFileSync(worker, 'utf8').replace('createFront({ config', 'createOther({ config'));
        failing(project);
      }),
    ).toThrow('service/gateway/processes/worker.ts has 0 times, not once: const front = createFront(');
  });

  test('the good one answers everything, and says which it is', async () => {
    const answers = await run(good);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(named(answers)).toEqual(new Set(['abc1234']));
  });

  test('the failing one fails its share of the requests with 500', async () => {
    const answers = await run(failing);
    const failed = answers.filter(({ status }) => status === 500);
    expect(failed.length).toBeGreaterThanOrEqual(REQUESTS * SHARES.failing - 2);
    expect(failed.length).toBeLessThanOrEqual(REQUESTS * SHARES.failing + 2);
    expect(named(answers)).toEqual(new Set(['abc1234']));
  });

  test('the slow one answers everything, and its share of it late', async () => {
    const answers = await run(slow);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const late = answers.filter(({ ms }) => ms >= SLOW_MS);
    expect(late.length).toBeGreaterThanOrEqual(REQUESTS * SHARES.slow - 2);
  });

  test('the one that is never Ready lives', async () => {
    await expect(run(neverReady, { readyWithin: 4_000 })).rejects.toThrow('not ready');
  });

  test('the one that asks for a host name is Ready once it is known', async () => {
    await expect(run(readyWhileKnown('unknown.invalid'), { readyWithin: 4_000 })).rejects.toThrow('not ready');
    expect(await run(readyWhileKnown('localhost'))).toHaveLength(REQUESTS);
  });
});
