import type { SyntaxNode } from '@lezer/common';
import { nearest } from '../../../service/definition/index.ts';
import type { Metric } from '../../../service/telemetry/catalogue.ts';
import type { BoundedLabels } from './bounded-labels.ts';

/** The labels that the result of an expression can carry; undefined for a number without series. */
export type Labels = ReadonlySet<string> | undefined;

/** What is wrong in a query, and the edit that would put it right. */
export type QueryProblem = { readonly problem: string; readonly edit: string };

/** A metric that a query asks for, and the labels that it pins to one value each. */
export type Selected = { readonly metric: string; readonly pinned: Readonly<Record<string, string>> };

/** A series that somebody exports or records: its metric, and its labels without those of the scrape. */
export type KnownSeries = { readonly metric: Metric; readonly labels: readonly string[] };

/** What can be asked for. */
export type Known = {
  readonly series: ReadonlyMap<string, KnownSeries>;
  /** Why a series is not to be had here, by its name. */
  readonly absent: ReadonlyMap<string, QueryProblem>;
  /** The values that labels can have, by metric; a label that is not there may have any. */
  readonly bounded: BoundedLabels;
  /** Milliseconds between two values of a metric; undefined: nobody says. */
  readonly interval: (metric: Metric) => number | undefined;
};

/** What reading one query needs on the way down and collects on the way up. */
export type Reading = {
  readonly text: (node: SyntaxNode) => string;
  readonly labelsOf: (node: SyntaxNode) => Labels;
  readonly known: Known;
  readonly select: (selected: Selected) => void;
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
