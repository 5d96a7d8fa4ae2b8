import type { SyntaxNode } from '@lezer/common';
import { nearest } from '../../../service/definition/index.ts';
import type { BoundedLabels } from './bounded-labels.ts';

/** The labels that the result of an expression can carry; undefined for a number without series. */
export type Labels = ReadonlySet<string> | undefined;

/** What is wrong in a query, and the edit that would put it right. */
export type QueryProblem = { readonly problem: string; readonly edit: string };

/** What reading one query needs on the way down and collects on the way up. */
export type Reading = {
  readonly text: (node: SyntaxNode) => string;
  readonly labelsOf: (node: SyntaxNode) => Labels;
  /** Labels of every series that somebody exports, without those of the scrape. */
  readonly series: ReadonlyMap<string, readonly string[]>;
  /** Who would export what is not scraped here, by metric. */
  readonly unscraped: ReadonlyMap<string, string>;
  /** The values that labels can have, by series; a label that is not there may have any. */
  readonly bounded: BoundedLabels;
  readonly report: (problem: string, edit: string) => void;
};

/** Reports every wanted label that is not available. */
export function requireLabels(wanted: readonly string[], available: Labels, use: string, { report }: Reading): void {
  const known = [...(available ?? [])];
  for (const label of wanted.filter((name) => !known.includes(name))) {
    const hint = nearest(label, known) ?? `there are: ${known.join(', ') || 'none'}`;
    report(`${use} the label '${label}', which is not there`, `use a label that is there; ${hint}`);
  }
}

/** Names in a list of labels, `(route, lane)`. */
export function listedLabels(node: SyntaxNode | null, { text }: Reading): string[] {
  return [...(node?.getChildren('LabelName') ?? []), ...(node?.getChildren('QuotedLabelName') ?? [])].map((name) =>
    text(name).replace(/^["'`](.*)["'`]$/, '$1'),
  );
}

/** Texts among the arguments of a function or aggregation. */
export function textArguments(body: SyntaxNode, { text }: Reading): string[] {
  return body.getChildren('StringLiteral').map((literal) => text(literal).slice(1, -1));
}
