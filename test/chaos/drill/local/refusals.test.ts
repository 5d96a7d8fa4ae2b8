import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DrillRunsError, MissingServerError } from '../../../../chaos/drill/local/errors.ts';
import { endLeftovers } from '../../../../chaos/drill/local/leftovers.ts';
import { createRecord, ownProcess } from '../../../../chaos/drill/local/record.ts';
import { startLocalStand } from '../../../../chaos/drill/local/stand.ts';
import { QUICK } from '../../../../chaos/drill/pace.ts';
import { experimentWith, quickService } from './drill.ts';

describe('a local drill that cannot begin', () => {
  let folder = '';
  let state = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-test-refusals-'));
    state = join(folder, 'drill');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = (path?: string) =>
    startLocalStand({
      service: quickService(),
      experiment: experimentWith(undefined),
      pace: QUICK,
      seed: 1,
      log: () => undefined,
      state,
      ...(path !== undefined && { path }),
    });
  const record = () => ({
    experiment: 'other',
    drill: ownProcess(),
    keeper: ownProcess(),
    folder: join(folder, 'files'),
  });

  test('says which server is missing and how to get it, and touches nothing', async () => {
    const refused = start('/nowhere');
    await expect(refused).rejects.toThrow(MissingServerError);
    await expect(refused).rejects.toThrow(/^A local drill needs Redis: redis-server is not on PATH: install .*\.$/);
    expect(existsSync(state)).toBe(false);
  });

  test('leaves another one that runs alone', async () => {
    createRecord(state, record());
    const refused = start();
    await expect(refused).rejects.toThrow(DrillRunsError);
    await expect(refused).rejects.toThrow(`(other, process ${process.pid})`);
    expect(readdirSync(state)).toEqual(['stand.json']);
    expect(() => createRecord(state, record())).toThrow(DrillRunsError);
  });

  test('takes nobody for what is left whose number was once that of a program', async () => {
    const gone = { ...ownProcess(), startedAt: 'another time' };
    const left = createRecord(state, { ...record(), drill: gone, keeper: gone });
    left.add([{ ...gone, name: 'redis' }]);
    mkdirSync(join(folder, 'files'));

    // This process would have been ended.
    expect(await endLeftovers(state)).toEqual([`the files of the drill other in ${join(folder, 'files')}`]);
    expect(readdirSync(folder)).toEqual(['drill']);
    expect(await endLeftovers(state)).toEqual([]);
  });

  test('says what to do about a record that cannot be read', async () => {
    mkdirSync(state);
    writeFileSync(join(state, 'stand.json'), 'half of');
    await expect(start()).rejects.toThrow(`${join(state, 'stand.json')} cannot be read: end the programs`);
  });
});
