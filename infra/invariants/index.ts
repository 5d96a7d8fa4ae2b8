export { checkService } from './check-service.ts';
export { openEnds, type Artefacts } from './rules/closure.ts';
export { explain, type ExplainedExample, type Explanation, type Standing } from './explain.ts';
export type { Breach, Finding, Fix, Invariant, Layer, Numbers } from './finding.ts';
export { formatFindings, formatFix, type FindingStyle } from './format-findings.ts';
export { INVARIANTS } from './table.ts';
