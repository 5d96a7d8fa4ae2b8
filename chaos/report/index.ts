export { compareRuns, type ComparedGroup, type ComparedRow, type ComparedRun, type Comparison } from './comparison.ts';
export { formatComparison } from './comparison-text.ts';
export { readRun, writeReport } from './folder.ts';
export { reportHtml } from './page/report.ts';
export { writeComparison, writeSummary } from './pages.ts';
export { FORMAT } from './run.ts';
export type { Assertion, LaneResult, Run, Series, TimelineEntry, Verdict } from './run.ts';
export { reportSchema } from './schema.ts';
