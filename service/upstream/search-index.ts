import { setImmediate as turn } from 'node:timers/promises';
import MiniSearch from 'minisearch';
import type { Readme } from './readmes.ts';

/** One package that fits a query. */
export type SearchResult = {
  readonly package: string;
  readonly title: string;
  /** How well it fits; comparable within one answer only. */
  readonly score: number;
  /** The part of the README with most of the query's words. */
  readonly snippet: string;
};

/** Full-text search of READMEs. */
export type SearchIndex = {
  /** The best `limit` packages and how many fit in all. Fast enough to run between two requests. */
  search(query: string, limit: number): { total: number; results: SearchResult[] };
};

/** Documents that are indexed before other work gets a turn. */
const SLICE = 16;
const SNIPPET_LENGTH = 240;

/** Indexes READMEs by name, title and text in slices, so that the process answers meanwhile. */
export async function createSearchIndex(readmes: readonly Readme[]): Promise<SearchIndex> {
  const engine = new MiniSearch<Readme & { readonly id: number }>({ fields: ['package', 'title', 'text'] });
  for (const [id, readme] of readmes.entries()) {
    engine.add({ id, ...readme });
    if (id % SLICE === SLICE - 1) await turn();
  }
  const rank = (query: string, combineWith: 'AND' | 'OR') =>
    // Okapi BM25+ (Lv and Zhai, 2011) per field; the name of a package says more than its text.
    engine.search(query, { boost: { package: 3, title: 2 }, prefix: (term) => term.length > 3, combineWith });
  return {
    search(query, limit) {
      const strict = rank(query, 'AND');
      const hits = strict.length > 0 ? strict : rank(query, 'OR');
      const results = hits.slice(0, limit).flatMap(({ id, score, terms }) => {
        const readme = readmes[id as number];
        if (!readme) return [];
        const snippet = findSnippet(readme.text, terms);
        return [{ package: readme.package, title: readme.title, score: Math.round(score * 1000) / 1000, snippet }];
      });
      return { total: hits.length, results };
    },
  };
}

/** The sentence-long part of the text that holds the most different terms; the earliest of equals. */
function findSnippet(text: string, terms: readonly string[]): string {
  const lower = text.toLowerCase();
  let best = { start: 0, count: 0 };
  for (const term of terms) {
    for (let at = lower.indexOf(term), seen = 0; at >= 0 && seen < 20; at = lower.indexOf(term, at + 1), seen++) {
      const start = Math.max(0, at - SNIPPET_LENGTH / 4);
      const part = lower.slice(start, start + SNIPPET_LENGTH);
      const count = terms.filter((other) => part.includes(other)).length;
      if (count > best.count || (count === best.count && start < best.start)) best = { start, count };
    }
  }
  const from = best.start === 0 ? 0 : text.indexOf(' ', best.start) + 1;
  const end = from + SNIPPET_LENGTH;
  const cut = end < text.length ? text.slice(from, Math.max(from + 1, text.lastIndexOf(' ', end))) : text.slice(from);
  return `${from > 0 ? '… ' : ''}${cut}${end < text.length ? ' …' : ''}`;
}
