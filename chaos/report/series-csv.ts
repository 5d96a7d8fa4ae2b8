import type { Run } from './run.ts';

/**
 * Every point of every series as CSV (RFC 4180), one a line: time as ISO 8601 in UTC and as seconds from the fault (from
 * the start where there was none), the series' id and unit, and the value, which is empty in a gap.
 */
export function seriesCsv({ series, fault, startedAt }: Run): string {
  const zero = fault?.injectedAt ?? startedAt;
  const lines = series.flatMap(({ id, unit, points }) =>
    points.map(([at, value]) =>
      [new Date(at).toISOString(), ((at - zero) / 1000).toFixed(3), cell(id), unit, value ?? ''].join(','),
    ),
  );
  return ['time,seconds_from_fault,series,unit,value', ...lines, ''].join('\r\n');
}

// A table program would take what begins like a formula for one.
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
