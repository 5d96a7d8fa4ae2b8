export { readRun, writeReport } from './folder.ts';
export { reportHtml } from './page/report.ts';
export { FORMAT } from './run.ts';
export type { Assertion, LaneResult, Run, Series, TimelineEntry, Verdict } from './run.ts';
export { reportSchema } from './schema.ts';
