import { matchersText, type Matchers } from '../matcher.ts';
import type { Metric } from '../metric.ts';
import type { Expression, Selection } from './expression.ts';

/** Who asks. */
export type Scope = {
  /**
   * The matchers of each selection beside its own, such as the namespace of one environment. `window` is how far back
   * the expression itself says that it looks; undefined: it leaves that to whoever asks.
   */
  readonly matchers: (metric: Metric, window: string | undefined) => Matchers;
  /** How far back rates look where the expression does not say it. */
  readonly window: string;
};

/** The scope of one environment: its namespace's series, of the job of each metric's exporter. */
export function namespaceScope(namespace: string, window: string): Scope {
  // What Prometheus says itself it says of every job: there the expression names the job.
  const jobOf = ({ exporter }: Metric): Matchers => (exporter === 'prometheus' ? {} : { job: exporter });
  return { matchers: (metric) => ({ ...jobOf(metric), namespace }), window };
}

/** An expression in PromQL, as Prometheus 2.42 and later read it. */
export function toPromql(expression: Expression, scope: Scope): string {
  switch (expression.kind) {
    case 'select':
      return selection(expression, scope);
    case 'over':
      return `${expression.change}(${selection(expression.of, scope, expression.window)}[${expression.window ?? scope.window}])`;
    case 'aggregate': {
      const by = expression.by.length > 0 ? ` by (${expression.by.join(', ')}) ` : '';
      return `${expression.aggregation}${by}(${toPromql(expression.of, scope)})`;
    }
    case 'quantile':
      return `histogram_quantile(${expression.share}, ${toPromql(expression.of, scope)})`;
    case 'arithmetic':
    case 'comparison':
      return `${inner(expression.left, scope)} ${expression.operator} ${inner(expression.right, scope)}`;
    case 'number':
      return String(expression.value);
    case 'time':
      return 'time()';
  }
}

function selection({ metric, matchers, part }: Selection, scope: Scope, window?: string): string {
  return `${metric.name}${part}${matchersText(scope.matchers(metric, window), matchers)}`;
}

/** Nothing is left to the precedence of operators. */
function inner(expression: Expression, scope: Scope): string {
  const text = toPromql(expression, scope);
  return expression.kind === 'arithmetic' || expression.kind === 'comparison' ? `(${text})` : text;
}
