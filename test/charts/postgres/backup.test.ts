import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PostgresBackupLayer } from '../../../infra/charts/index.ts';
import { environment, field, render, requireObject } from '../render.ts';

const POD = 'spec.jobTemplate.spec.template.spec';

describe('backups of Postgres', () => {
  const service = environment(
    'prod',
    'datastores.postgres.backup.schedule=5 4 * * 0',
    'datastores.postgres.backup.keep=3',
  );
  const objects = render((app) => new PostgresBackupLayer(app, service));
  const backup = requireObject(objects, 'CronJob', 'postgres-backup');
  const restore = requireObject(objects, 'CronJob', 'postgres-restore');

  test('are made by the schedule, in UTC, one at a time', () => {
    expect(backup.spec).toMatchObject({
      schedule: '5 4 * * 0',
      timeZone: 'Etc/UTC',
      suspend: false,
      concurrencyPolicy: 'Forbid',
    });
  });

  test('are restored by hand alone', () => {
    expect(restore.spec).toMatchObject({ suspend: true });
  });

  test('lie on a volume that outlives the pods', () => {
    expect(requireObject(objects, 'PersistentVolumeClaim').spec).toMatchObject({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '20Gi' } },
    });
    for (const job of [backup, restore])
      expect(field(job, `${POD}.volumes`)).toContainEqual({
        name: 'postgres-backups',
        persistentVolumeClaim: expect.objectContaining({ claimName: 'postgres-backups' }),
      });
  });

  test('run under the restricted profile', () => {
    expect(field(backup, POD)).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true },
    });
    expect(field(backup, `${POD}.containers.0.securityContext`)).toMatchObject({
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  describe('of which the script', () => {
    const script = (field(backup, `${POD}.containers.0.command`) as string[]).at(-1) ?? '';

    /** Runs the script with programs that stand in for those of Postgres, in a folder that holds some files already. */
    function run(dump: string, present: readonly string[]) {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-backup-'));
      const programs = join(folder, 'programs');
      const backups = join(folder, 'backups');
      for (const each of [programs, backups]) mkdirSync(each);
      for (const file of present) writeFileSync(join(backups, file), 'x');
      const program = (name: string, text: string) =>
        writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      program('pg_dump', `for each; do case $each in --file=*) echo dump > "\${each#--file=}";; esac; done\n${dump}`);
      program('pg_restore', 'true');
      program('psql', `cat > ${join(folder, 'recorded.sql')}`);
      writeFileSync(join(folder, 'password'), 'secret');
      const text = script
        .replace('/run/secrets/postgres/password', join(folder, 'password'))
        .replace('cd /backups', `cd ${backups}`);
      const { status } = spawnSync('sh', ['-euc', text], {
        encoding: 'utf8',
        env: { PATH: `${programs}:${process.env.PATH ?? ''}` },
      });
      const files = readdirSync(backups).sort();
      const isRecorded = existsSync(join(folder, 'recorded.sql'));
      rmSync(folder, { recursive: true });
      return { status, files, isRecorded };
    }
    const older = ['2026-01-01T030000Z.dump', '2026-01-02T030000Z.dump', '2026-01-03T030000Z.dump'];

    test('keeps as many as it is told, the newest', () => {
      const { status, files } = run('true', [...older, '.2026-01-04T030000Z.dump.part']);
      expect(status).toBe(0);
      expect(files).toHaveLength(3);
      expect(files.slice(0, 2)).toEqual(older.slice(1));
    });

    test('writes down when one ended well, outside of what is kept', () => {
      expect(run('true', older).isRecorded).toBe(true);
      expect(script).toContain('pg_dump --format=custom --exclude-schema=operations ');
    });

    test('gives none up for one that failed', () => {
      const { status, files, isRecorded } = run('exit 1', older);
      expect(status).not.toBe(0);
      expect(isRecorded).toBe(false);
      expect(files.filter((file) => file.endsWith('.dump'))).toEqual(older);
    });
  });
});
