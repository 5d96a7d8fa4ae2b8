import { gunzipSync, gzipSync } from 'node:zlib';
import { FORMAT, type Run } from '../../../report/run.ts';
import type { LiveObject } from '../kubernetes.ts';
import { DRILL, REPORT_LABEL } from '../names.ts';
import type { Place } from '../place.ts';

/** Bytes of one ConfigMap of a report; the API server takes 1 MiB with all that is beside them. */
const MAX_BYTES = 900 * 1024;
const KEY = 'report.json.gz.base64';
const LABEL_LIMIT = 63;

type Owner = { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string };

/** Writes the report of a run into as many ConfigMaps as it needs; they go with the Job that has run it. */
export async function writeReport(place: Place, run: Run, owner: Owner | undefined): Promise<readonly string[]> {
  const text = gzipSync(JSON.stringify(run)).toString('base64');
  const parts = Array.from({ length: Math.ceil(text.length / MAX_BYTES) }, (_, n) =>
    text.slice(n * MAX_BYTES, (n + 1) * MAX_BYTES),
  );
  const names: string[] = [];
  for (const [index, part] of parts.entries()) {
    const name = `${DRILL.report}${run.id.toLowerCase()}${index === 0 ? '' : `-${index + 1}`}`;
    await place.create('ConfigMap', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        labels: { [REPORT_LABEL]: labelOf(run.id), 'app.kubernetes.io/component': DRILL.runner },
        annotations: { 'sluice/part': `${index + 1} of ${parts.length}`, 'sluice/verdict': run.verdict },
        ...(owner && { ownerReferences: [owner] }),
      },
      data: { [KEY]: part },
    });
    names.push(name);
  }
  return names;
}

/** Every run that a namespace has a whole report of, since a time in milliseconds since 1970, the oldest first. */
export async function readReports(place: Place, since = 0): Promise<readonly Run[]> {
  const found = await place.list('ConfigMap', { 'app.kubernetes.io/component': DRILL.runner });
  const reports = found.filter(({ metadata }) => metadata.labels?.[REPORT_LABEL] !== undefined);
  const byRun = Map.groupBy(reports, ({ metadata }) => metadata.labels?.[REPORT_LABEL] ?? '');
  return [...byRun.values()]
    .flatMap((parts) => runIn(parts) ?? [])
    .filter(({ startedAt }) => startedAt >= since)
    .toSorted((a, b) => a.startedAt - b.startedAt);
}

/** The run of its parts; undefined where one is missing or it cannot be read: others have written it. */
function runIn(parts: readonly LiveObject[]): Run | undefined {
  const sorted = parts
    .map((part) => ({ part, place: /^(\d+) of (\d+)$/.exec(part.metadata.annotations?.['sluice/part'] ?? '') }))
    .toSorted((a, b) => Number(a.place?.[1]) - Number(b.place?.[1]));
  if (sorted.length !== Number(sorted[0]?.place?.[2])) return undefined;
  const text = sorted.map(({ part }) => (part.data as Readonly<Record<string, string>>)[KEY] ?? '').join('');
  try {
    const run = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()) as { readonly format?: unknown };
    return run.format === FORMAT ? (run as Run) : undefined;
  } catch {
    return undefined;
  }
}

/** A run's id as the value of a label, which has a limit; what it begins with is the experiment, and its end is the time. */
function labelOf(id: string): string {
  return id.length <= LABEL_LIMIT ? id : id.slice(-LABEL_LIMIT).replace(/^[^A-Za-z0-9]+/, '');
}
