export * from './expression.ts';
export { namespaceScope, toPromql, type Scope } from './promql.ts';
export { evaluate } from './evaluate.ts';
export { prepare, type Prepared, type Value } from './prepare.ts';
export type { RecordedSeries, Recording, Sample, SampleLabels } from './recording.ts';
