/** What somebody chose for each variable: one value, several, or the regular expression of all. */
export type Choices = Readonly<Record<string, string | readonly string[]>>;

/**
 * A query as Grafana's Prometheus datasource sends it: of a variable with several values, a pattern that matches each
 * of them; a single one as it is. A variable without a value stays, and is no PromQL.
 */
export function interpolate(query: string, choices: Choices): string {
  return query.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    const chosen = choices[name];
    if (chosen === undefined) return whole;
    if (typeof chosen === 'string') return chosen;
    const escaped = chosen.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\\\$&'));
    return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
  });
}
