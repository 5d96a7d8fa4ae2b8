import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { explain } from '../../../infra/cli/release/explain.ts';
import { history } from '../../../infra/cli/release/history.ts';
import { settledDrive, type Drive } from '../../alerts/rollback/drive.ts';
import { FAILS } from '../../alerts/rollback/traffic.ts';
import { recordingDesk, type RecordingDesk } from '../../support/desk.ts';
import { released, showCluster, type GuardedCluster } from './guarded-cluster.ts';

let one: Drive;
let cluster: GuardedCluster;
let last: RecordingDesk;

beforeEach(async () => {
  one = settledDrive();
  cluster = await showCluster(one);
});
afterEach(() => cluster.close());

describe('history', () => {
  test('lists the newest first, with outcome, rule and how long it took', async () => {
    rolledBack();
    expect(await history(undefined, cluster.options, desk())).toBe(0);
    const [head, first, second] = last.told.out.split('\n');
    expect(head).toMatch(/^RECORD +ENDED +RELEASE +VERSION +OUTCOME +RULE +DETECTED IN +RESTORED IN$/);
    expect(first).toMatch(/^b2b2\S* .* restored +bad +\d+\.\d s +\d+\.\d s$/);
    expect(second).toMatch(/^good\S* .* proven +- +- +-$/);
  });

  test('tells one record whole, by its id, a hash, or the id of its release', async () => {
    rolledBack();
    const id = [...one.world.records.keys()].find((key) => key.startsWith('b2b2')) ?? '';
    for (const name of [id, 'b2b2', released('b2b2').release.id]) {
      expect(await history(name, cluster.options, desk())).toBe(0);
      expect(last.told.out).toContain(`record        ${id}\n`);
      expect(last.told.out).toMatch(/^gone back to +good, /m);
      expect(last.told.out).toMatch(/^outcome +restored, /m);
    }
    expect(await history('b2b2', { ...cluster.options, json: true }, desk())).toBe(0);
    expect(JSON.parse(last.told.out)).toMatchObject({ env: 'dev', record: { id, outcome: 'restored', format: 1 } });
    await expect(history('c3c3', cluster.options, desk())).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/there is no record 'c3c3'; the newest are b2b2/),
    });
  });

  test('a record that cannot be read is told, and keeps no other from being told', async () => {
    cluster.change.releases = { 'x-1': '{"format":' };
    expect(await history(undefined, cluster.options, desk())).toBe(0);
    expect(last.told.err).toMatch(
      /^warning: the ConfigMap sluice-releases cannot be read at 'x-1': the record is no JSON/,
    );
    expect(last.told.out).toMatch(/^good/m);
  });

  test('of nothing says so', async () => {
    one.world.records.clear();
    expect(await history(undefined, cluster.options, desk())).toBe(0);
    expect(last.told.out).toBe('dev has no record of a release yet\n');
  });
});

describe('explain', () => {
  test('decides the last one again, and tells each rule and whether it held', async () => {
    rolledBack();
    expect(await explain(undefined, cluster.options, desk())).toBe(0);
    expect(last.told.out).toMatch(/^frozen +no +a person has frozen releases/m);
    expect(last.told.out).toMatch(/^bad +yes +the release is bad/m);
    expect(last.told.out).toContain('decided again from the stored evidence: the same\n');
  });

  test('ends with 1 when another answer comes of the evidence', async () => {
    rolledBack();
    const [id, record] = [...one.world.records].find(([, { hash }]) => hash === 'b2b2') ?? [];
    const changed = structuredClone(record) as unknown as { decision: { evidence: { isPaused: boolean } } };
    changed.decision.evidence.isPaused = true;
    cluster.change.releases = { [id ?? '']: JSON.stringify(changed) };
    expect(await explain('b2b2', cluster.options, desk())).toBe(1);
    expect(last.told.out).toContain('decided again from the stored evidence: refuse by paused: ');
    expect(await explain('b2b2', { ...cluster.options, json: true }, desk())).toBe(1);
    expect(JSON.parse(last.told.out)).toMatchObject({
      record: id,
      explanation: { same: false, recorded: { answer: 'roll-back' }, again: { answer: 'refuse', rule: 'paused' } },
    });
  });

  test('of a release that nobody had to decide on, and of nothing, says so', async () => {
    expect(await explain('good', cluster.options, desk())).toBe(0);
    expect(last.told.out).toContain('there was nothing to decide');
    one.world.records.clear();
    expect(await explain(undefined, cluster.options, desk())).toBe(0);
    expect(last.told.out).toBe('nothing to explain: dev has no record of a release yet\n');
  });
});

function desk(): RecordingDesk {
  last = recordingDesk({ deployer: nobody });
  return last;
}

function rolledBack(): void {
  one.release(released('b2b2', '2.0.0'), FAILS);
  one.until(() => one.outcome('b2b2') === 'restored');
}

function nobody(): never {
  throw new Error('no command of these needs Pulumi');
}
