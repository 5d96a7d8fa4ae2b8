import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allow } from '../../../infra/cli/release/allow.ts';
import { quarantine, type QuarantineOptions } from '../../../infra/cli/release/quarantine.ts';
import { quarantineFile, readQuarantineFile, writeQuarantineFile } from '../../../infra/quarantine-file.ts';
import { settledDrive, type Drive } from '../../alerts/rollback/drive.ts';
import { recordingDesk, type RecordingDesk } from '../../support/desk.ts';
import { released, showCluster, type GuardedCluster } from './guarded-cluster.ts';

const BAD = 'bad000000000-0123456789';
const ENTRY = { at: '2026-01-02T03:04:05Z', by: 'guard', reason: 'errors of 5 %' };
const OTHER = { at: '2026-02-02T03:04:05Z', by: 'ada', reason: 'orders are lost' };

let one: Drive;
let cluster: GuardedCluster;
let folder: string;
let last: RecordingDesk;

beforeEach(async () => {
  one = settledDrive();
  cluster = await showCluster(one);
  folder = mkdtempSync(join(tmpdir(), 'sluice-quarantine-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await cluster.close();
});

describe('quarantine', () => {
  test('lists the newest first', async () => {
    cluster.quarantine[BAD] = JSON.stringify(ENTRY);
    cluster.quarantine.other = JSON.stringify(OTHER);
    expect(await quarantine(undefined, cluster.options, desk())).toBe(0);
    const [head, first, second] = last.told.out.split('\n');
    expect(head).toMatch(/^RELEASE +SINCE +BY +REASON$/);
    expect(first).toMatch(/^other +2026-02-02T03:04:05Z +ada +orders are lost$/);
    expect(second).toMatch(/^bad000000000-0123456789 +2026-01-02T03:04:05Z +guard +errors of 5 %$/);
    expect(await quarantine(undefined, { ...cluster.options, json: true }, desk())).toBe(0);
    expect(JSON.parse(last.told.out)).toEqual({
      env: 'dev',
      quarantined: [
        { id: 'other', ...OTHER },
        { id: BAD, ...ENTRY },
      ],
    });
  });

  test('of none says so', async () => {
    expect(await quarantine(undefined, cluster.options, desk())).toBe(0);
    expect(last.told.out).toBe('dev has no quarantined release\n');
  });

  test('puts one there by the hash of a release that runs, with who and why', async () => {
    one.release(released('b2b2'));
    one.run(60);
    expect(await add('b2b2')).toBe(0);
    const { id } = released('b2b2').release;
    expect(JSON.parse(cluster.quarantine[id] ?? '')).toMatchObject({
      reason: 'orders are lost',
      by: expect.any(String),
    });
    expect(last.told.err).toBe(`release ${id} is quarantined\n`);
    expect(await add(id)).toBe(0);
    expect(last.told.err).toBe(`nothing to do: release ${id} is quarantined already\n`);
  });

  test('takes a release that never ran here, with a note', async () => {
    expect(await add(BAD)).toBe(0);
    expect(last.told.err).toMatch(/^note: no release 'bad000000000-0123456789' has run here lately; /);
    expect(Object.keys(cluster.quarantine)).toEqual([BAD]);
  });

  test('refuses what is no id of a release, with those that are known', async () => {
    one.release(released('b2b2'));
    one.run(60);
    await expect(add('b2b')).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/^no release 'b2b' has run here lately, .*; known here are .*b2b2\S+-b2b2000000/),
    });
    expect(cluster.quarantine).toEqual({});
  });

  test('two people at once both have their release on the list', async () => {
    cluster.change.meanwhile(() => (cluster.quarantine.other = JSON.stringify(OTHER)));
    expect(await add(BAD)).toBe(0);
    expect(Object.keys(cluster.quarantine).sort()).toEqual([BAD, 'other']);
  });

  test('of two people who mean the same release the reason of the first one stays', async () => {
    cluster.change.meanwhile(() => (cluster.quarantine[BAD] = JSON.stringify(ENTRY)));
    expect(await add(BAD)).toBe(0);
    expect(cluster.quarantine[BAD]).toBe(JSON.stringify(ENTRY));
    expect(last.told.err).toContain('nothing to do: ');
  });

  test.each<[given: string | undefined, more: Partial<QuarantineOptions>]>([
    [BAD, {}],
    [undefined, { reason: 'why' }],
  ])('a release without a reason, and a reason without a release, are wrong usage (%s)', async (given, more) => {
    const run = quarantine(given, { ...cluster.options, ...more }, desk());
    await expect(run).rejects.toMatchObject({ name: 'UsageError' });
    expect(cluster.server.asked).toEqual([]);
  });

  test('--export writes the same bytes for the same list, whatever its order', async () => {
    const [first, second] = [join(folder, 'one.json'), join(folder, 'two.json')];
    cluster.quarantine[BAD] = JSON.stringify(ENTRY);
    cluster.quarantine.other = JSON.stringify(OTHER);
    await quarantine(undefined, { ...cluster.options, export: first }, desk());
    expect(last.told.err).toBe(`${first} lists 2 releases; it may be committed\n`);
    for (const [key, text] of Object.entries(cluster.quarantine).reverse()) {
      Reflect.deleteProperty(cluster.quarantine, key);
      cluster.quarantine[key] = text;
    }
    await quarantine(undefined, { ...cluster.options, export: second }, desk());
    expect(readFileSync(second)).toEqual(readFileSync(first));
    expect(JSON.parse(readFileSync(first, 'utf8'))).toEqual({ [BAD]: ENTRY, other: OTHER });
    expect(quarantineFile('dev')).toMatch(/\/quarantine\.dev\.json$/);
  });
});

describe('quarantine --export', () => {
  test.each<[string, string | undefined, string]>([
    ['names what the file listed and the cluster does not', JSON.stringify({ [BAD]: ENTRY, other: OTHER }), BAD],
    ['takes the place of a file that is none', '{', ''],
    ['takes the place of nothing', undefined, ''],
  ])('%s', async (_, before, gone) => {
    const file = join(folder, 'list.json');
    if (before !== undefined) writeFileSync(file, before);
    cluster.quarantine.other = JSON.stringify(OTHER);
    expect(await quarantine(undefined, { ...cluster.options, export: file }, desk())).toBe(0);
    const note = gone === '' ? '' : `note: it no longer lists ${gone}: the cluster does not\n`;
    expect(last.told.err).toBe(`${file} lists 1 release; it may be committed\n${note}`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ other: OTHER });
  });
});

describe('allow', () => {
  test('takes a release off the list of the cluster and of the file, and says what the guard makes of it', async () => {
    cluster.quarantine[BAD] = JSON.stringify(ENTRY);
    writeQuarantineFile(quarantineFile('dev', folder), { [BAD]: ENTRY, other: OTHER });
    expect(await lift(BAD)).toBe(0);
    expect(cluster.quarantine).toEqual({});
    expect(readQuarantineFile('dev', folder)).toEqual({ other: OTHER });
    expect(last.told.out).toContain(
      `release ${BAD} may be deployed again: taken off the list of the cluster and ${folder}`,
    );
    expect(last.told.out).toContain('it was quarantined since 2026-01-02T03:04:05Z by guard: errors of 5 %\n');
    expect(last.told.out).toContain('moves no release twice by itself');
    expect(last.told.out).toMatch(/to bring it back: sluice up --env dev \(by Pulumi alone: pulumi up --refresh /);
  });

  test('one that only the file lists is taken off there', async () => {
    writeQuarantineFile(quarantineFile('dev', folder), { [BAD]: ENTRY });
    expect(await lift(BAD, { json: true })).toBe(0);
    expect(JSON.parse(last.told.out)).toMatchObject({ allowed: BAD, inCluster: false, inFile: true, was: ENTRY });
    expect(readQuarantineFile('dev', folder)).toEqual({});
  });

  test('one that the file lists is taken off there where the cluster has no list yet', async () => {
    cluster.change.missing = ['ConfigMap sluice-quarantine'];
    writeQuarantineFile(quarantineFile('dev', folder), { [BAD]: ENTRY });
    expect(await lift(BAD)).toBe(0);
    expect(readQuarantineFile('dev', folder)).toEqual({});
    expect(last.told.out).toContain(`may be deployed again: taken off the list of ${folder}`);
    expect(last.told.err).toBe("note: the namespace 'sluice-dev' has no ConfigMap sluice-quarantine\n");
    await expect(lift(BAD)).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  test('one that is not listed is wrong usage, with those that are', async () => {
    cluster.quarantine[BAD] = JSON.stringify(ENTRY);
    await expect(lift('b2b2')).rejects.toMatchObject({
      name: 'UsageError',
      message: `the release 'b2b2' is not quarantined; those that are: ${BAD}`,
    });
    Reflect.deleteProperty(cluster.quarantine, BAD);
    await expect(lift('b2b2')).rejects.toMatchObject({ message: "the release 'b2b2' is not quarantined; none is" });
  });

  test('what somebody adds at the same time stays', async () => {
    cluster.quarantine[BAD] = JSON.stringify(ENTRY);
    cluster.change.meanwhile(() => (cluster.quarantine.other = JSON.stringify(OTHER)));
    expect(await lift(BAD)).toBe(0);
    expect(cluster.quarantine).toEqual({ other: JSON.stringify(OTHER) });
  });

  test.each<[content: string, message: RegExp]>([
    ['{', /quarantine\.dev\.json: is no JSON \(/],
    ['{ "a": { "at": 5 } }', /quarantine\.dev\.json: a\.\S+ is not as it must be, such as \{ "8c1f/],
    ['[]', /is not as it must be/],
  ])('a file that is none is told, and nothing is changed: %s', async (content, message) => {
    cluster.quarantine[BAD] = JSON.stringify(ENTRY);
    writeFileSync(quarantineFile('dev', folder), content);
    await expect(lift(BAD)).rejects.toMatchObject({
      name: 'QuarantineFileError',
      message: expect.stringMatching(message),
    });
    expect(cluster.quarantine).toHaveProperty([BAD]);
  });
});

function desk(): RecordingDesk {
  last = recordingDesk({
    deployer() {
      throw new Error('no command of these needs Pulumi');
    },
  });
  return last;
}

function add(given: string): Promise<number> {
  return quarantine(given, { ...cluster.options, reason: 'orders are lost' }, desk());
}

function lift(id: string, more: { readonly json?: boolean } = {}): Promise<number> {
  return allow(id, { ...cluster.options, reason: 'the queue was the cause', ...more }, desk(), folder);
}
