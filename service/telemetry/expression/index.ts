export * from './expression.ts';
export { namespaceScope, toPromql, type Scope } from './promql.ts';
export { evaluate, type RecordedSeries, type Recording, type Sample, type SampleLabels } from './evaluate.ts';
