import type { Construct } from 'constructs';
import type { Service } from '../../../service/definition/index.ts';
import { LEDGER_TABLES } from '../../../service/store/schema/ledger.ts';
import { CONTAINERS } from '../../demand/index.ts';
import { imageVersion, type Identity, type Subject } from '../objects/labels.ts';
import { Layer, serviceAccount } from '../objects/layer.ts';
import type { PodProps } from '../objects/pod.ts';
import { kept, scratch, secretFiles, secretPath } from '../objects/volumes.ts';
import { cronJob } from '../objects/workload.ts';
import { RECORD_BACKUP, WITHOUT_RECORD } from './backup-record.ts';
import { POSTGRES_PORT } from './place.ts';
import { POSTGRES_USER } from './single.ts';

const COMPONENT = 'postgres-backup';
const FOLDER = '/backups';

/**
 * Backups of Postgres on a volume of their own, and the way back: `postgres-restore` never runs by the clock, only by
 * `kubectl create job --from=cronjob/postgres-restore NAME`.
 */
export class PostgresBackupLayer extends Layer {
  constructor(scope: Construct, values: Identity & Pick<Service, 'datastores'>) {
    super(scope, COMPONENT, values);
    const { backup, image } = values.datastores.postgres;
    const subject: Subject = { identity: values, component: COMPONENT, version: imageVersion(image) };
    const volume = kept(this, subject, 'postgres-backups', backup.storage, 'later');
    const account = serviceAccount(this, subject);
    const secret = secretFiles(this, COMPONENT, 'postgres', ['password']);
    const temporary = scratch(this, COMPONENT, 'tmp', '/tmp', '64Mi');
    const pod = (script: string): PodProps => ({
      name: COMPONENT,
      image,
      pullPolicy: 'IfNotPresent',
      account,
      command: ['sh', '-euc', `export PGPASSWORD="$(cat ${secretPath('postgres')}/password)"\ncd ${FOLDER}\n${script}`],
      environment: {
        PGHOST: 'postgres',
        PGPORT: `${POSTGRES_PORT}`,
        PGUSER: values.name,
        PGDATABASE: values.name,
        PGCONNECT_TIMEOUT: '10',
      },
      user: POSTGRES_USER,
      ...CONTAINERS.postgresBackup(),
      volumes: [{ path: FOLDER, volume }, secret, temporary],
      grace: '30s',
    });
    const { schedule } = backup;
    cronJob(this, subject, { name: COMPONENT, pod: pod(write(backup.keep)), schedule, deadline: '1h', retries: 2 });
    cronJob(this, subject, {
      name: 'postgres-restore',
      pod: pod(RESTORE),
      schedule,
      byHand: true,
      deadline: '1h',
      retries: 0,
    });
  }
}

/** Under its own name only once it is whole and can be read; the oldest beyond `keep` go after that. */
function write(keep: number): string {
  return `rm -f .*.part
name="$(date -u +%Y-%m-%dT%H%M%SZ).dump"
pg_dump --format=custom ${WITHOUT_RECORD} --file=".$name.part"
pg_restore --list ".$name.part" > /dev/null
mv ".$name.part" "$name"
psql -q -v ON_ERROR_STOP=1 <<'END'
${RECORD_BACKUP}END
ls -1 | grep '\\.dump$' | sort | head -n -${keep} | xargs -r rm --
echo "$name is kept, $(stat -c %s "$name") bytes"
`;
}

/** What says how the tables are, and nothing that anyone wrote. */
const NOT_OURS = LEDGER_TABLES.map((table) => `'${table}'`).join(', ');

/** Into a database without a row of ours: tables may be there already, as a migration has made them. */
const RESTORE = `name="\${BACKUP:-$(ls -1 | grep '\\.dump$' | sort | tail -n 1)}"
if [ ! -f "$name" ]; then echo 'There is no backup to restore' >&2; exit 1; fi
full="$(psql -qAt -c "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN (${NOT_OURS}) AND xpath_exists('//one', query_to_xml(format('SELECT 1 AS one FROM %I LIMIT 1', tablename), false, false, ''))")"
if [ -n "$full" ]; then
  echo "The database has rows in $full; nothing was restored. Restore into an empty one." >&2
  exit 1
fi
pg_restore --clean --if-exists --no-owner --exit-on-error --single-transaction --dbname="$PGDATABASE" "$name"
echo "$name is restored"
`;
